/* A program that adds a value to the current task's stack, at once: `return add_here(ctx, value, state);`. */
#ifndef WEBPROF_EVENT_VALUE_H
#define WEBPROF_EVENT_VALUE_H

#include "values.h"

static __always_inline void stack_taken(struct scratch *scratch)
{
    add_value(known_stack(scratch), scratch->state, 0, scratch->value, scratch->epoch);
}

/* `state`: 0, or which of the probe's states the value is of, counted from 1. The last thing that a program does. */
static __always_inline int add_here(void *ctx, u64 value, u32 state)
{
    struct sample_config *wanted = counting_config();
    struct scratch *scratch = wanted ? begin_stack(wanted) : 0;
    if (!scratch)
        return 0;
    scratch->value = value;
    scratch->state = state;
    take_stack(ctx, scratch);
    return 0;
}

/* Whether the current task is one that is recorded. */
static __always_inline bool is_recorded(void)
{
    struct sample_config *wanted = counting_config();
    return wanted && begin_stack(wanted);
}

#endif
