/* Waiting for a CPU: from when a thread is woken, made, or loses its CPU to another, until it runs. */
#include "switch.h"
#include "waits.h"

#define US 1000ULL

static __always_inline void stack_taken(struct scratch *scratch)
{
    keep_stack(scratch);
}

static __always_inline void wait_over(u32 tid, struct wait *wait, u64 now, u64 ran, const struct sample_config *wanted,
                                      bool closing)
{
    bool was_preempted = wait->state == WAIT_PREEMPTED;
    u64 since = was_preempted ? wait->since_ns : wait->woken_ns;
    u64 length = since ? recorded_time(since, now - ran, wanted) : 0;
    if (length >= LEAST_US * US)
        add_time(wait->stack, was_preempted ? WAIT_PREEMPTED : WAIT_WOKEN, 0, length, wanted);
    waits.delete(&tid);
}

RAW_TRACEPOINT_PROBE(sched_switch)
{
    switch_waits(ctx, SWITCH_LEAVES, SWITCH_COMES, SWITCH_PREEMPTS, SWITCH_STATE);
    return 0;
}

RAW_TRACEPOINT_PROBE(sched_waking)
{
    const struct sample_config *wanted = following_config();
    if (wanted)
        wake(ctx, ARGUMENT(sched_waking, 0), wanted, false);
    return 0;
}

RAW_TRACEPOINT_PROBE(sched_wakeup_new)
{
    const struct sample_config *wanted = following_config();
    if (wanted)
        wake_new(ctx, ARGUMENT(sched_wakeup_new, 0), wanted);
    return 0;
}
