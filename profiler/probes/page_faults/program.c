/* Each page fault of user code counts one. */
#include "event_value.h"

RAW_TRACEPOINT_PROBE(page_fault_user)
{
    return add_here(ctx, 1, 0);
}
