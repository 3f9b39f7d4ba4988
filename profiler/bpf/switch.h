/*
 * A switch of threads: whether the one that leaves is put aside for another, who leaves, who comes, and the state that it
 * leaves in. With STATE_TOLD (-D) the tracepoint tells it, since Linux 5.18. Before, it is read from the thread, where
 * somebody who wakes it at this moment may have put "being woken" in its place: then it was going to sleep, and how is
 * not known.
 */
#ifndef WEBPROF_SWITCH_H
#define WEBPROF_SWITCH_H

#include "arguments.h"
#include "read_kernel.h"

#define SWITCH_PREEMPTS ((bool)ARGUMENT(sched_switch, 0))
#define SWITCH_LEAVES ARGUMENT(sched_switch, 1)
#define SWITCH_COMES ARGUMENT(sched_switch, 2)

#ifdef STATE_TOLD
#define SWITCH_STATE ((u32)ARGUMENT(sched_switch, 3))
#else
#define SWITCH_STATE state_of(SWITCH_LEAVES)

/* include/linux/sched.h */
#define STATE_SLEEPS 0x1
#define STATE_BEING_WOKEN 0x200

static __always_inline u32 state_of(u64 task)
{
    u32 state = 0;
#ifdef OFF_TASK_STRUCT___STATE
    READ_KERNEL(state, task, OFF_TASK_STRUCT___STATE);
#else
    READ_KERNEL(state, task, OFF_TASK_STRUCT_STATE);
#endif
    return state & STATE_BEING_WOKEN ? STATE_SLEEPS : state;
}
#endif

#endif
