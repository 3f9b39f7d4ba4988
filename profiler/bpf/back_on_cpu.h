/*
 * Examples of threads that come back to a CPU: at the switch the stack is that of who leaves. A moment later the thread
 * itself runs, still where it left, and the kernel tells that since Linux 6.15.
 */
#ifndef WEBPROF_BACK_ON_CPU_H
#define WEBPROF_BACK_ON_CPU_H

#ifdef BACK_ON_CPU
/* Of the thread that comes to this CPU. */
BPF_PERCPU_ARRAY(coming, struct exemplar, 1);
#endif

/* Counts an event of the thread that comes. */
static __always_inline void observe_coming(struct exemplar *example)
{
    if (!count_event(example))
        return;
    example->stack = STACK_NO_HOOK;
#ifdef BACK_ON_CPU
    u32 zero = 0;
    struct exemplar *comes = coming.lookup(&zero);
    example->stack = STACK_NOT_BACK;
    if (comes) {
        if (comes->tid)
            send_example(comes);
        *comes = *example;
        return;
    }
#endif
    send_example(example);
}

#ifdef BACK_ON_CPU
/* A thread that has just begun leaves the scheduler another way: the next one here finds its example. */
RAW_TRACEPOINT_PROBE(sched_exit_tp)
{
    u32 zero = 0;
    struct exemplar *comes = coming.lookup(&zero);
    if (!comes || !comes->tid)
        return 0;
    struct exemplar example = *comes;
    comes->tid = 0;
    if (example.tid == (u32)bpf_get_current_pid_tgid())
        send_with_stack(ctx, &example);
    else
        send_example(&example);
    return 0;
}
#endif

#endif
