/*
 * What sched_switch says of the thread that leaves the CPU: the kernel's task states, which tools like ps show as letters.
 */
#ifndef WEBPROF_THREAD_STATE_H
#define WEBPROF_THREAD_STATE_H

#include <linux/types.h>

/* As the tracepoint's events tell it: one bit each. */
#define STATE_DEAD 0x30 /* exited, or a zombie */
#define STATE_IDLE 0x80 /* a kernel thread that waits for work */
#define STATE_PREEMPTED 0x100
#define STATES_TOLD 0x7f

/* include/linux/sched.h */
#define TASK_UNINTERRUPTIBLE 0x02
#define TASK_DEAD 0x80
#define TASK_NOLOAD 0x400
#define TASK_RTLOCK_WAIT 0x1000

struct thread {
    u32 tid;
    u32 tgid;
    char comm[TASK_COMM_LEN];
};

static __always_inline u64 state_told(bool preempted, u32 state)
{
    if (preempted)
        return STATE_PREEMPTED;
    if (state & TASK_DEAD)
        return STATE_DEAD;
    if (state & TASK_NOLOAD && state & TASK_UNINTERRUPTIBLE)
        return STATE_IDLE;
    return state & TASK_RTLOCK_WAIT ? TASK_UNINTERRUPTIBLE : state & STATES_TOLD;
}

static __always_inline u32 tid_of(u64 task)
{
    u32 tid = 0;
    bpf_probe_read_kernel(&tid, sizeof(tid), (const void *)(task + OFF_TASK_STRUCT_PID));
    return tid;
}

static __always_inline void read_thread(u64 task, struct thread *thread)
{
    thread->tid = tid_of(task);
    bpf_probe_read_kernel(&thread->tgid, sizeof(thread->tgid), (const void *)(task + OFF_TASK_STRUCT_TGID));
    bpf_probe_read_kernel(thread->comm, sizeof(thread->comm), (const void *)(task + OFF_TASK_STRUCT_COMM));
}

#endif
