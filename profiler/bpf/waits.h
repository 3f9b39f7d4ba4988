/*
 * What threads wait for, from when they leave their CPU until they run again. A wait's stack is taken when it begins,
 * and its time is added when it ends; waits that are still open at the end are read by profiler/agent/sampling/open_waits.py,
 * which holds the twins of these structs.
 *
 * Parameters (-D): OFF_TASK_STRUCT_PID and others are offsets from the running kernel's BTF; WAIT_ENTRIES is a size.
 */
#ifndef WEBPROF_WAITS_H
#define WEBPROF_WAITS_H

#include "values.h"

/* Of prev_state: include/linux/sched.h. */
#define TASK_INTERRUPTIBLE 0x1
#define TASK_UNINTERRUPTIBLE 0x2
#define TASK_STOPPED 0x4
#define TASK_TRACED 0x8
#define TASK_DEAD 0x80
#define TASK_NOLOAD 0x400

/* Why a thread is on no CPU. */
enum wait_state {
    WAIT_SLEEP = 1,     /* until something happens, or a signal */
    WAIT_BLOCKED = 2,   /* not even signals end it */
    WAIT_IO = 3,        /* the kernel counts it as waiting for a disk */
    WAIT_STOPPED = 4,   /* by a signal or a debugger */
    WAIT_PREEMPTED = 5, /* it could run, but another one does */
    WAIT_WOKEN = 6,     /* it can run again, and waits for a CPU */
};

/* `woken_ns` is 0 until somebody wakes it. Times are bpf_ktime_get_ns. */
struct wait {
    u64 since_ns;
    u64 woken_ns;
    u64 stack;
    u64 waker;
    u32 state;
    u32 unused;
};

BPF_HASH(waits, u32, struct wait, WAIT_ENTRIES);

static __always_inline u32 task_pid(u64 task)
{
    u32 pid = 0;
    bpf_probe_read_kernel(&pid, sizeof(pid), (void *)(task + OFF_TASK_STRUCT_PID));
    return pid;
}

/* A bit field: which bit of which byte, BTF tells. */
static __always_inline bool waits_for_disk(u64 task)
{
    u8 bits = 0;
    bpf_probe_read_kernel(&bits, sizeof(bits), (void *)(task + OFF_TASK_STRUCT_IN_IOWAIT));
    return bits >> BIT_TASK_STRUCT_IN_IOWAIT & 1;
}

static __always_inline u32 wait_state(u64 task, bool preempted, u32 state)
{
    if (preempted || !state)
        return WAIT_PREEMPTED;
    if (waits_for_disk(task))
        return WAIT_IO;
    if (state & (TASK_STOPPED | TASK_TRACED))
        return WAIT_STOPPED;
    return (state & TASK_INTERRUPTIBLE) || (state & TASK_NOLOAD) ? WAIT_SLEEP : WAIT_BLOCKED;
}

#endif
