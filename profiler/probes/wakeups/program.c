/* Wake-ups by the stack of the thread that does it, or that an interrupt has stopped to do it. */
#include "values.h"

static __always_inline void stack_taken(struct scratch *scratch)
{
    add_value(known_stack(scratch), STATE_WAKER, 0, 1, scratch->epoch);
}

RAW_TRACEPOINT_PROBE(sched_waking)
{
    const struct sample_config *wanted = counting_config();
    struct scratch *scratch = wanted ? begin_stack(wanted) : 0;
    if (scratch)
        take_stack(ctx, scratch);
    return 0;
}
