/* Page faults of processes, by what they wanted to do. */

#include "arguments.h"

#define FAULT_WRITE 2 /* X86_PF_WRITE */

RAW_TRACEPOINT_PROBE(page_fault_user)
{
    if (ARGUMENT(page_fault_user, 2) & FAULT_WRITE)
        count_for_process(1, 1);
    else
        count_for_process(0, 1);
    return 0;
}
