/*
 * What threads wait for, from when they leave their CPU until they run again. A wait's stack is taken when it begins,
 * and its time is added when it ends, in `wait_over`, which the main file defines. Of threads that wait when a recording
 * begins profiler/agent/sampling/earlier_waits.py tells, which holds the twin of these structs; those that still wait when it ends
 * are ended by `close_wait`.
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
    ON_CPU = 7,         /* it does not wait: the time until a sample of its CPU */
    ON_CPU_REST = 8,    /* the time from there until it left */
    WAIT_UNSEEN = 10,   /* it left its CPU without an event, and nobody knows why */
};

/*
 * `woken_ns` is 0 until somebody wakes it. `stack` and `waker` are hashes of stacks, known a little later. Times are
 * bpf_ktime_get_ns.
 *
 * `exec_ns` is the time on CPUs that the kernel has counted of the thread until then: kernels keep some switches to
 * themselves (those from tasks that may not be traced), and then it tells how much of the time since was no wait.
 */
struct wait {
    u64 since_ns;
    u64 woken_ns;
    u64 stack;
    u64 waker;
    u64 exec_ns;
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

/*
 * The thread runs again, or, when `closing`, the recording is over. `ran` is how much of the time until `now` it was on
 * a CPU without an event that told of it: nearly always 0.
 */
static __always_inline void wait_over(u32 tid, struct wait *wait, u64 now, u64 ran, const struct sample_config *wanted,
                                      bool closing);

static __always_inline u64 task_exec_ns(u64 task)
{
    u64 exec_ns = 0;
    bpf_probe_read_kernel(&exec_ns, sizeof(exec_ns), (void *)(task + OFF_TASK_STRUCT_SE_SUM_EXEC_RUNTIME));
    return exec_ns;
}

static __always_inline u64 ran_unseen(const struct wait *wait, u64 exec_ns, u64 now)
{
    u64 ran = exec_ns > wait->exec_ns ? exec_ns - wait->exec_ns : 0;
    u64 length = now > wait->since_ns ? now - wait->since_ns : 0;
    return ran < length ? ran : length;
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

static __always_inline bool is_blocked(const struct wait *wait)
{
    return wait->state >= WAIT_SLEEP && wait->state <= WAIT_STOPPED && !wait->woken_ns;
}

static __always_inline void end_wait(u32 tid, u64 exec_ns, u64 now, const struct sample_config *wanted, bool closing)
{
    struct wait *wait = waits.lookup(&tid);
    if (wait)
        wait_over(tid, wait, now, ran_unseen(wait, exec_ns, now), wanted, closing);
}

/* At a switch: the thread that comes. */
static __always_inline void thread_comes(u64 task, u64 now, const struct sample_config *wanted)
{
    end_wait(task_pid(task), task_exec_ns(task), now, wanted, false);
}

/* The current thread runs; when it should be waiting, nothing told that it came. */
static __always_inline void thread_is_here(u64 task, u32 tid, u64 now, const struct sample_config *wanted)
{
    struct wait *wait = waits.lookup(&tid);
    if (wait && wait->state != ON_CPU)
        wait_over(tid, wait, now, ran_unseen(wait, task_exec_ns(task), now), wanted, false);
}

/* How much of a time lies within the recording. */
static __always_inline u64 recorded_time(u64 from, u64 until, const struct sample_config *wanted)
{
    u64 since = from > wanted->started_ns ? from : wanted->started_ns;
    return wanted->started_ns && until > since ? until - since : 0;
}

static __always_inline void add_time(u64 stack, u32 state, u64 waker, u64 length, const struct sample_config *wanted)
{
    if (length)
        add_value(stack, state, waker, length, wanted->epoch & 1);
}

/*
 * Before the stack is taken: somebody may wake the thread meanwhile. False when there are too many threads, which is
 * counted. `scratch` remembers which wait it is.
 */
static __always_inline bool open_wait(struct scratch *scratch, u32 tid, u64 task, u64 now, u32 state)
{
    struct wait wait = {.since_ns = now, .exec_ns = task_exec_ns(task), .state = state};
    if (state == WAIT_WOKEN)
        wait.woken_ns = now;
    scratch->number = tid;
    scratch->time_ns = now;
    scratch->state = state;
    if (!waits.update(&tid, &wait))
        return true;
    count_one(scratch->epoch, COUNTER_NOT_FOLLOWED);
    return false;
}

/* The current thread has ended. */
static __always_inline void forget_thread(void)
{
    u32 tid = bpf_get_current_pid_tgid();
    waits.delete(&tid);
}

/* The stack that was taken is that of a wait, or of who ended one. Returns its hash. */
static __always_inline u64 keep_stack(struct scratch *scratch)
{
    u64 stack = known_stack(scratch);
    u32 tid = scratch->number;
    struct wait *wait = waits.lookup(&tid);
    if (!wait || wait->since_ns != scratch->time_ns)
        return stack;
    if (scratch->is_waker)
        wait->waker = stack;
    else
        wait->stack = stack;
    return stack;
}

/* A thread leaves the CPU, and its wait begins; the wait of the one that comes is over. The last thing that a program does. */
static __always_inline void switch_waits(STACK_CONTEXT *ctx, u64 left, u64 comes, bool preempted, u32 state)
{
    u64 now = bpf_ktime_get_ns();
    const struct sample_config *wanted = following_config();
    if (!wanted)
        return;
    thread_comes(comes, now, wanted);
    if (state & TASK_DEAD) {
        forget_thread();
        return;
    }
    struct scratch *scratch = begin_stack(wanted);
    if (!scratch)
        return;
    thread_is_here(left, scratch->event.tid, now, wanted);
    if (open_wait(scratch, scratch->event.tid, left, now, wait_state(left, preempted, state)))
        take_stack(ctx, scratch);
}

/*
 * The thread that is woken can run from now on. With `wakers` the stack of the current task is taken, which wakes it, if
 * it is no interrupt that does; it must be the last thing that a program does.
 */
static __always_inline void wake(STACK_CONTEXT *ctx, u64 task, const struct sample_config *wanted, bool wakers)
{
    u32 tid = task_pid(task), zero = 0;
    struct wait *wait = waits.lookup(&tid);
    struct scratch *scratch = scratch_space.lookup(&zero);
    if (!wait || !scratch || !is_blocked(wait))
        return;
    wait->woken_ns = bpf_ktime_get_ns();
    if (!wakers)
        return;
    take_ids(scratch, wanted);
    scratch->number = tid;
    scratch->time_ns = wait->since_ns;
    scratch->is_waker = 1;
    scratch->value = scratch->state = 0;
    take_stack(ctx, scratch);
}

/* A thread that was just made waits for a CPU; its stack is that of who made it. The last thing that a program does. */
static __always_inline void wake_new(STACK_CONTEXT *ctx, u64 task, const struct sample_config *wanted)
{
    u32 tid = task_pid(task), tgid = 0, zero = 0;
    struct scratch *scratch = scratch_space.lookup(&zero);
    bpf_probe_read_kernel(&tgid, sizeof(tgid), (void *)(task + OFF_TASK_STRUCT_TGID));
    if (!scratch)
        return;
    take_ids(scratch, wanted);
    scratch->event.tgid = tgid;
    scratch->event.tid = tid;
    if (!is_wanted(tgid, tid, (const u64 *)scratch->event.comm, wanted))
        return;
    scratch->value = 0;
    if (open_wait(scratch, tid, task, bpf_ktime_get_ns(), WAIT_WOKEN))
        take_stack(ctx, scratch);
}

/* Run by the reader for each wait that is open when the recording is over: args are the thread, the time, and its exec_ns. */
int close_wait(struct bpf_raw_tracepoint_args *ctx)
{
    u32 zero = 0;
    struct sample_config *wanted = config.lookup(&zero);
    if (wanted)
        end_wait(ctx->args[0], ctx->args[2], ctx->args[1], wanted, true);
    return 0;
}

#endif
