/*
 * Takes a whole stack of the current task: the kernel's frames, the user's, Python's. That may take several programs,
 * which call each other; the last one calls `stack_taken`, which the main file defines.
 *
 * Parameters (-D): NO_KERNEL, NO_USER, WALK_EH (unwind tables instead of frame pointers) switch parts on; MAX_FRAMES is
 * a size. STACK_CONTEXT is what programs of this type are given. WALK_SHARED: another program follows processes.
 */
#ifndef WEBPROF_STACK_WALK_H
#define WEBPROF_STACK_WALK_H

#include "sample.h"
#include "stack_hash.h"
#include "cgroup_id.h"
#include "targets.h"
#ifdef WALK_EH
#include "walk_eh.h"
#include "walk_python.h"
#else
#include "walk_fp.h"
#endif

/* From `time_ns` on, what the main file still has to know when the stack is there. */
struct scratch {
    struct stack_event event;
    u64 frames[FRAME_SLOTS];
    u64 epoch;
    u64 time_ns;
    u64 value;
    u32 state;
    u32 number;
    u32 is_waker;
    u32 unused;
#ifdef WALK_EH
    struct walk walk;
#endif
};

BPF_RINGBUF_OUTPUT(stacks, RING_PAGES);
BPF_ARRAY(config, struct sample_config, 1);
BPF_PERCPU_ARRAY(counters, u64, 2 * COUNTERS);
BPF_PERCPU_ARRAY(scratch_space, struct scratch, 1);
#ifdef WALK_EH
/* What a program and the walks go on with: programs of one type, so the loader makes one for each type. */
enum walk_program {
    WALK_NATIVE = 0,
    WALK_PYTHON = 1,
};
BPF_PROG_ARRAY(walk_programs, 2);
#endif

static __always_inline void stack_taken(struct scratch *scratch);

static __always_inline void count_one(u64 epoch, u32 counter)
{
    u32 index = epoch * COUNTERS + counter;
    u64 *value = counters.lookup(&index);
    if (value)
        *value += 1;
}

/* Its frames are all taken. */
static __always_inline u32 frames_of(const struct stack_event *event)
{
    return event->kernel_frames + event->user_frames + event->python_frames;
}

/* Of a stack and whose it is. */
static __always_inline u64 stack_hash(const struct scratch *scratch)
{
    const struct stack_event *event = &scratch->event;
    const u64 *comm = (const u64 *)event->comm;
    u64 hash = hash_word(0, ((u64)event->tgid << 32) | event->tid);
    hash = hash_word(hash, ((u64)event->kernel_frames << 32) | ((u64)event->python_frames << 16) | event->user_frames);
    hash = hash_word(hash_word(hash_word(hash, comm[0]), comm[1]), event->cgroup);
    return hash_frames(hash, scratch->frames, frames_of(event));
}

/* Of a stack whose hash is set. False when the ring is full. */
static __always_inline bool send_stack(struct scratch *scratch)
{
#ifdef WALK_EH
    scratch->event.memory_of = memory_origin(scratch->event.tgid);
#endif
    u32 size = sizeof(struct stack_event) + (frames_of(&scratch->event) & (FRAME_SLOTS - 1)) * sizeof(u64);
    return stacks.ringbuf_output(scratch, size, BPF_RB_NO_WAKEUP) == 0;
}

static __always_inline void take_kernel_stack(void *ctx, struct scratch *scratch)
{
    u32 frames = 0;
#ifndef NO_KERNEL
    long bytes = bpf_get_stack(ctx, scratch->frames, MAX_FRAMES * sizeof(u64), 0);
    if (bytes > 0)
        frames = ((u32)bytes / sizeof(u64)) & 127;
#endif
    scratch->event.kernel_frames = frames;
    scratch->event.kernel_cut = frames >= MAX_FRAMES;
}

/* The addresses are complete; Python's frames follow in a process that runs Python. */
static __always_inline void end_user_stack(void *ctx, struct scratch *scratch, u32 user_frames, u16 outcome)
{
    struct stack_event *event = &scratch->event;
    event->user_frames = user_frames;
    event->outcome = outcome;
    event->python_frames = 0;
    event->python_outcome = PYTHON_NONE;
#ifdef WALK_EH
    u32 tgid = event->tgid;
    if (pythons.lookup(&tgid))
        walk_programs.call(ctx, WALK_PYTHON); /* does not return */
#endif
    stack_taken(scratch);
}

#ifdef WALK_EH
int walk_python(STACK_CONTEXT *ctx)
{
    u32 zero = 0;
    struct scratch *scratch = scratch_space.lookup(&zero);
    if (!scratch)
        return 0;
    struct stack_event *event = &scratch->event;
    u32 base = event->kernel_frames + event->user_frames;
    event->python_frames = take_python_frames(event->tgid, scratch->frames, base, &event->python_outcome);
    if (event->python_outcome == PYTHON_MORE) {
        walk_programs.call(ctx, WALK_PYTHON);
        event->python_outcome = PYTHON_CUT; /* only behind more calls than the kernel allows */
    }
    stack_taken(scratch);
    return 0;
}

/* The walk goes on in this program until it has ended. */
int walk_further(STACK_CONTEXT *ctx)
{
    u32 zero = 0;
    struct scratch *scratch = scratch_space.lookup(&zero);
    if (!scratch)
        return 0;
    struct walk *walk = &scratch->walk;
    if (walk_some(walk, scratch->frames, scratch->event.kernel_frames))
        walk_programs.call(ctx, WALK_NATIVE);
    end_user_stack(ctx, scratch, walk->depth & 127, walk->done ? walk->outcome : WALK_CUT);
    return 0;
}
#endif

static __always_inline void take_user_stack(STACK_CONTEXT *ctx, struct scratch *scratch)
{
    u32 frames = 0;
    u16 outcome = WALK_NONE;
#ifdef NO_USER
#elif defined(WALK_EH)
    if (begin_walk(ctx, &scratch->walk, scratch->event.tgid))
        walk_programs.call(ctx, WALK_NATIVE); /* does not return */
    outcome = scratch->walk.outcome;
#else
    frames = walk_user_stack(ctx, scratch->frames + scratch->event.kernel_frames, &outcome);
#endif
    end_user_stack(ctx, scratch, frames, outcome);
}

/* Whose stack it will be: the current task's. */
static __always_inline void take_ids(struct scratch *scratch, const struct sample_config *wanted)
{
    u64 ids = bpf_get_current_pid_tgid();
    struct stack_event *event = &scratch->event;
    event->tgid = ids >> 32;
    event->tid = ids;
    bpf_get_current_comm(event->comm, sizeof(event->comm));
    scratch->epoch = wanted->epoch & 1;
    scratch->is_waker = 0;
}

/* The same. False when nobody asked for it. */
static __always_inline bool take_task(struct scratch *scratch, const struct sample_config *wanted)
{
    const struct stack_event *event = &scratch->event;
    take_ids(scratch, wanted);
    return is_wanted(event->tgid, event->tid, (const u64 *)event->comm, wanted);
}

/* The last thing that a program does: `stack_taken` may be called in another one. */
static __always_inline void take_stack(STACK_CONTEXT *ctx, struct scratch *scratch)
{
    take_cgroup(&scratch->event);
    take_kernel_stack(ctx, scratch);
    take_user_stack(ctx, scratch);
}

#if (defined(WALK_EH) || defined(TARGETS_MOVE)) && !defined(WALK_SHARED)
/* BCC makes the arguments' structs from the running kernel's formats, but only for probes in the main file. */
TRACEPOINT_PROBE(task, task_newtask)
{
#ifdef WALK_EH
    process_created(bpf_get_current_pid_tgid() >> 32, args->pid, args->clone_flags);
    python_created(bpf_get_current_pid_tgid() >> 32, args->pid, args->clone_flags);
    memory_inherited(bpf_get_current_pid_tgid() >> 32, args->pid, args->clone_flags);
#endif
#ifdef TARGETS_MOVE
    u32 zero = 0;
    struct sample_config *wanted = config.lookup(&zero);
    if (wanted && !target_forks(args->pid, args->clone_flags, wanted))
        count_one(wanted->epoch & 1, COUNTER_NOT_FOLLOWED);
#endif
    return 0;
}
#endif

#ifdef TARGETS_MOVE
TRACEPOINT_PROBE(sched, sched_process_free)
{
    target_freed(args->pid);
    return 0;
}
#endif

#if defined(WALK_EH) && !defined(WALK_SHARED)
TRACEPOINT_PROBE(sched, sched_process_exec)
{
    process_replaced(bpf_get_current_pid_tgid() >> 32);
    memory_replaced(bpf_get_current_pid_tgid() >> 32);
    python_ended(bpf_get_current_pid_tgid() >> 32);
    return 0;
}

TRACEPOINT_PROBE(sched, sched_process_exit)
{
    task_ended(bpf_get_current_pid_tgid());
    python_ended(bpf_get_current_pid_tgid());
    return 0;
}
#endif

#endif
