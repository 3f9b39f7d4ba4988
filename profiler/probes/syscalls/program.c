/* Each system call counts one; its state is its number, from 1 on. */
#include "arguments.h"
#include "event_value.h"

#define OTHER (STATES)

RAW_TRACEPOINT_PROBE(sys_enter)
{
    u64 state = (u64)ARGUMENT(sys_enter, 1) + 1;
    if (state > OTHER)
        state = OTHER;
    return CALL && state != CALL ? 0 : add_here(ctx, 1, state);
}
