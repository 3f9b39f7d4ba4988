/*
 * Wall clock: the time of a thread without a gap. Its entry in `waits` is there while it runs too, with the state ON_CPU:
 * time on a CPU is measured between switches and samples, and samples tell where it went.
 */
#include "switch.h"
#include "waits.h"

static __always_inline void runs_from(struct wait *wait, u64 now, u64 exec_ns)
{
    wait->since_ns = now;
    wait->exec_ns = exec_ns;
    wait->woken_ns = 0;
    wait->waker = 0;
    wait->state = ON_CPU;
}

/* It was on a CPU until `until`, and then left it without an event. */
static __always_inline void ran_until(const struct wait *wait, u64 until, u64 now, const struct sample_config *wanted)
{
    add_time(wait->stack, ON_CPU_REST, 0, recorded_time(wait->since_ns, until, wanted), wanted);
    add_time(wait->stack, WAIT_UNSEEN, 0, recorded_time(until, now, wanted), wanted);
}

/* It waited until `came`, and for a CPU from when it was woken. */
static __always_inline void waited_until(const struct wait *wait, u64 came, const struct sample_config *wanted)
{
    u64 runnable = wait->woken_ns && wait->woken_ns < came ? wait->woken_ns : came;
    if (wait->state != WAIT_WOKEN)
        add_time(wait->stack, wait->state, wait->waker, recorded_time(wait->since_ns, runnable, wanted), wanted);
    add_time(wait->stack, WAIT_WOKEN, 0, recorded_time(runnable, came, wanted), wanted);
}

static __always_inline void wait_over(u32 tid, struct wait *wait, u64 now, u64 ran, const struct sample_config *wanted,
                                      bool closing)
{
    u64 exec_ns = wait->exec_ns;
    if (wait->state == ON_CPU) {
        ran_until(wait, wait->since_ns + ran, now, wanted);
        exec_ns += ran;
        ran = 0;
    } else
        waited_until(wait, now - ran, wanted);
    if (!closing)
        runs_from(wait, now - ran, exec_ns);
    else {
        add_time(wait->stack, ON_CPU_REST, 0, recorded_time(now - ran, now, wanted), wanted);
        waits.delete(&tid);
    }
}

/* How long the current thread has been running; of one that was never seen before nobody knows. */
static __always_inline u64 ran_for(const struct wait *wait, u64 now, const struct sample_config *wanted)
{
    return wait ? recorded_time(wait->since_ns, now, wanted) : 0;
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
    u64 now = bpf_ktime_get_ns(), left = SWITCH_LEAVES;
    bool preempted = SWITCH_PREEMPTS;
    u32 state = SWITCH_STATE;
    const struct sample_config *wanted = following_config();
    if (!wanted)
        return 0;
    thread_comes(SWITCH_COMES, now, wanted);
    struct scratch *scratch = begin_stack(wanted);
    if (!scratch)
        return 0;
    u32 tid = scratch->event.tid;
    thread_is_here(left, tid, now, wanted);
    scratch->value = ran_for(waits.lookup(&tid), now, wanted);
    scratch->state = 0;
    scratch->number = 0;
    if (state & TASK_DEAD)
        forget_thread();
    else if (!open_wait(scratch, tid, left, now, wait_state(left, preempted, state)))
        return 0;
    take_stack(ctx, scratch);
    return 0;
}

RAW_TRACEPOINT_PROBE(sched_waking)
{
    const struct sample_config *wanted = following_config();
    if (wanted)
        wake(ctx, ARGUMENT(sched_waking, 0), wanted, WAKERS);
    return 0;
}

RAW_TRACEPOINT_PROBE(sched_wakeup_new)
{
    const struct sample_config *wanted = following_config();
    if (wanted)
        wake_new(ctx, ARGUMENT(sched_wakeup_new, 0), wanted);
    return 0;
}

int sample(struct bpf_perf_event_data *ctx)
{
    u64 now = bpf_ktime_get_ns(), task = bpf_get_current_task();
    const struct sample_config *wanted = counting_config();
    struct scratch *scratch = wanted ? begin_stack(wanted) : 0;
    if (!scratch)
        return 0;
    u32 tid = scratch->event.tid;
    thread_is_here(task, tid, now, wanted);
    struct wait *wait = waits.lookup(&tid);
    scratch->value = ran_for(wait, now, wanted);
    if (wait)
        runs_from(wait, now, task_exec_ns(task));
    else if (!open_wait(scratch, tid, task, now, ON_CPU))
        return 0;
    scratch->state = ON_CPU;
    take_stack(ctx, scratch);
    return 0;
}
