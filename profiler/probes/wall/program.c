/*
 * Wall clock: the time of a thread without a gap. Its entry in `waits` is there while it runs too, with the state ON_CPU:
 * time on a CPU is measured between switches and samples, and samples tell where it went.
 */
#include "waits.h"

static __always_inline void runs_from(struct wait *wait, u64 now)
{
    wait->since_ns = now;
    wait->woken_ns = 0;
    wait->waker = 0;
    wait->state = ON_CPU;
}

static __always_inline void wait_over(u32 tid, struct wait *wait, u64 now, u64 epoch, bool closing)
{
    u32 state = wait->state;
    u64 runnable = wait->woken_ns ? wait->woken_ns : now;
    if (state == ON_CPU)
        /* Who was thought to run when the recording began was waiting for a CPU. */
        add_value(wait->stack, closing ? ON_CPU_REST : WAIT_PREEMPTED, 0, now - wait->since_ns, epoch);
    else if (state != WAIT_WOKEN)
        add_value(wait->stack, state, wait->waker, runnable - wait->since_ns, epoch);
    if (wait->woken_ns)
        add_value(wait->stack, WAIT_WOKEN, 0, now - runnable, epoch);
    if (closing)
        waits.delete(&tid);
    else
        runs_from(wait, now);
}

/* Since when the current thread runs, as far as the recording goes. */
static __always_inline u64 running_since(const struct wait *wait, u64 task, const struct sample_config *wanted)
{
    u64 born = 0;
    if (wait)
        return wait->since_ns;
    bpf_probe_read_kernel(&born, sizeof(born), (void *)(task + OFF_TASK_STRUCT_START_TIME));
    return born > wanted->started_ns ? born : wanted->started_ns;
}

static __always_inline void stack_taken(struct scratch *scratch)
{
    if (scratch->state == ON_CPU) {
        u64 stack = known_stack(scratch);
        u32 tid = scratch->event.tid;
        struct wait *wait = waits.lookup(&tid);
        if (wait)
            wait->stack = stack;
        add_value(stack, ON_CPU, 0, scratch->value, scratch->epoch);
        return;
    }
    u64 stack = keep_stack(scratch);
    if (scratch->value)
        add_value(stack, ON_CPU_REST, 0, scratch->value, scratch->epoch);
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
    struct scratch *scratch = begin_stack(wanted);
    if (!scratch)
        return 0;
    u32 tid = scratch->event.tid;
    u64 ran_ns = now - running_since(waits.lookup(&tid), left, wanted);
    scratch->value = ran_ns;
    scratch->state = 0;
    scratch->number = 0;
    if (state & TASK_DEAD)
        waits.delete(&tid);
    else if (!open_wait(scratch, tid, now, wait_state(left, preempted, state)))
        return 0;
    take_stack(ctx, scratch);
    return 0;
}

RAW_TRACEPOINT_PROBE(sched_waking)
{
    const struct sample_config *wanted = counting_config();
    if (wanted)
        wake(ctx, ctx->args[0], wanted, WAKERS);
    return 0;
}

RAW_TRACEPOINT_PROBE(sched_wakeup_new)
{
    const struct sample_config *wanted = counting_config();
    if (wanted)
        wake_new(ctx, ctx->args[0], wanted);
    return 0;
}

int sample(struct bpf_perf_event_data *ctx)
{
    u64 now = bpf_ktime_get_ns();
    const struct sample_config *wanted = counting_config();
    struct scratch *scratch = wanted ? begin_stack(wanted) : 0;
    if (!scratch)
        return 0;
    u32 tid = scratch->event.tid;
    struct wait *wait = waits.lookup(&tid);
    scratch->value = now - running_since(wait, bpf_get_current_task(), wanted);
    if (wait)
        runs_from(wait, now);
    else if (!open_wait(scratch, tid, now, ON_CPU))
        return 0;
    scratch->state = ON_CPU;
    take_stack(ctx, scratch);
    return 0;
}
