/* Off-CPU time: a wait's stack is taken when its thread leaves the CPU, its time is known when the thread is back. */
#include "waits.h"

#define US 1000ULL

static __always_inline void stack_taken(struct scratch *scratch)
{
    keep_stack(scratch);
}

static __always_inline void wait_over(u32 tid, struct wait *wait, u64 now, u64 epoch, bool closing)
{
    u64 length = now - wait->since_ns;
    if (length >= LEAST_US * US && length <= MOST_US * US)
        add_value(wait->stack, wait->state, wait->waker, length, epoch);
    waits.delete(&tid);
}

RAW_TRACEPOINT_PROBE(sched_switch)
{
    u64 now = bpf_ktime_get_ns(), left = ctx->args[1];
    bool preempted = ctx->args[0];
    u32 state = ctx->args[3];
    const struct sample_config *wanted = counting_config();
    if (!wanted)
        return 0;
    end_wait(task_pid(ctx->args[2]), now, wanted->epoch & 1, false);
    struct scratch *scratch = state & TASK_DEAD ? 0 : begin_stack(wanted);
    if (scratch && open_wait(scratch, scratch->event.tid, now, wait_state(left, preempted, state)))
        take_stack(ctx, scratch);
    return 0;
}

#if WAKERS
RAW_TRACEPOINT_PROBE(sched_waking)
{
    const struct sample_config *wanted = counting_config();
    if (wanted)
        wake(ctx, ctx->args[0], wanted, true);
    return 0;
}
#endif
