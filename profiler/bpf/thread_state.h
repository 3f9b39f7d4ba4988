/* What sched_switch says of the thread that leaves the CPU: the kernel's task states, which tools like ps show as letters. */
#ifndef WEBPROF_THREAD_STATE_H
#define WEBPROF_THREAD_STATE_H

#define STATE_INTERRUPTIBLE 0x01
#define STATE_UNINTERRUPTIBLE 0x02
#define STATE_DEAD 0x30 /* exited, or a zombie */
#define STATE_PREEMPTED 0x100

#endif
