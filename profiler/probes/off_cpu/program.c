/* Off-CPU time: a wait's stack is taken when its thread leaves the CPU, its time is known when the thread is back. */
#include "waits.h"

#define US 1000ULL

static __always_inline void stack_taken(struct scratch *scratch)
{
    struct wait wait = {.since_ns = scratch->time_ns, .stack = known_stack(scratch), .state = scratch->state};
    u32 tid = scratch->event.tid;
    if (waits.update(&tid, &wait))
        count_one(scratch->epoch, COUNTER_NOT_FOLLOWED);
}

static __always_inline void end_wait(u32 tid, u64 now, u64 epoch)
{
    struct wait *wait = waits.lookup(&tid);
    if (!wait)
        return;
    u64 length = now - wait->since_ns;
    if (length >= LEAST_US * US && length <= MOST_US * US)
        add_value(wait->stack, wait->state, 0, length, epoch);
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
    end_wait(task_pid(ctx->args[2]), now, wanted->epoch & 1);
    struct scratch *scratch = state & TASK_DEAD ? 0 : begin_stack(wanted);
    if (!scratch)
        return 0;
    scratch->time_ns = now;
    scratch->state = wait_state(left, preempted, state);
    take_stack(ctx, scratch);
    return 0;
}
