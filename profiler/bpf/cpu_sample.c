/*
 * On-CPU samples: counts per stack in the kernel, each new stack sent once, and the time and CPU of each sample.
 *
 * Parameters (-D): those of targets.h and cgroup_id.h, INCLUDE_IDLE, NO_KERNEL, NO_USER, WALK_EH (unwind tables instead of frame
 * pointers) switch parts on; NO_TIMES leaves times out, to measure what they cost; MAX_FRAMES, COUNT_ENTRIES, RING_PAGES,
 * TIME_PAGES, MAX_TARGETS, MAX_CGROUP_TASKS and MAX_FOLLOWED are sizes.
 *
 * Epochs: the lowest bit of every key is the epoch it was counted in. The reader flips the epoch, waits until no
 * program of the old one can be running, and then owns the old epoch's keys and counters alone. So the counts of an
 * epoch plus its losses equal its samples exactly, and each time belongs to a count of its epoch.
 */
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

struct scratch {
    struct stack_event event;
    u64 frames[FRAME_SLOTS];
    u64 epoch;
    u64 time_ns;
#ifdef WALK_EH
    struct walk walk;
#endif
};

BPF_HASH(counts, u64, u64, COUNT_ENTRIES);
BPF_RINGBUF_OUTPUT(stacks, RING_PAGES);
#ifndef NO_TIMES
BPF_RINGBUF_OUTPUT(times, TIME_PAGES);
#endif
BPF_ARRAY(config, struct sample_config, 1);
BPF_PERCPU_ARRAY(counters, u64, 2 * COUNTERS);
BPF_PERCPU_ARRAY(scratch_space, struct scratch, 1);
#ifdef WALK_EH
/* What the sampling program and the walks go on with. */
enum walk_program {
    WALK_NATIVE = 0,
    WALK_PYTHON = 1,
};
BPF_PROG_ARRAY(walk_programs, 2);
#endif

static __always_inline void count_one(u64 epoch, u32 counter)
{
    u32 index = epoch * COUNTERS + counter;
    u64 *value = counters.lookup(&index);
    if (value)
        *value += 1;
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

static __always_inline u64 stack_key(const struct scratch *scratch, u32 frames, u64 epoch)
{
    const struct stack_event *event = &scratch->event;
    const u64 *comm = (const u64 *)event->comm;
    u64 hash = hash_word(0, ((u64)event->tgid << 32) | event->tid);
    hash = hash_word(hash, ((u64)event->kernel_frames << 32) | ((u64)event->python_frames << 16) | event->user_frames);
    hash = hash_word(hash_word(hash_word(hash, comm[0]), comm[1]), event->cgroup);
    return (hash_frames(hash, scratch->frames, frames) & ~1ULL) | epoch;
}

/*
 * False when the sample is lost, which is counted. A stack is sent before it is counted: a counted stack is then always
 * known to the reader, even when the ring is full.
 */
static __always_inline bool count_stack(struct scratch *scratch, u32 frames, u64 epoch)
{
    u64 key = scratch->event.hash, one = 1;
    u64 *count = counts.lookup(&key);
    if (!count) {
#ifdef WALK_EH
        scratch->event.memory_of = memory_origin(scratch->event.tgid);
#endif
        u32 size = sizeof(struct stack_event) + (frames & (FRAME_SLOTS - 1)) * sizeof(u64);
        if (stacks.ringbuf_output(scratch, size, BPF_RB_NO_WAKEUP)) {
            count_one(epoch, COUNTER_LOST_RING_FULL);
            return false;
        }
        long error = counts.insert(&key, &one);
        if (!error)
            return true;
        /* The idle task has one tid on every CPU: another CPU may have inserted the same key just now. */
        count = counts.lookup(&key);
        if (!count) {
            count_one(epoch, error == -E2BIG ? COUNTER_LOST_MAP_FULL : COUNTER_LOST_MAP_BUSY);
            return false;
        }
    }
    __sync_fetch_and_add(count, 1);
    return true;
}

static __always_inline void send_time(const struct scratch *scratch)
{
#ifndef NO_TIMES
    u64 when = scratch->time_ns >> TIME_SHIFT << CPU_BITS | bpf_get_smp_processor_id();
    struct sample_time sample_time = {.when = when, .key = scratch->event.hash};
    if (times.ringbuf_output(&sample_time, sizeof(sample_time), BPF_RB_NO_WAKEUP))
        count_one(scratch->epoch, COUNTER_NO_TIME);
#endif
}

static __always_inline void finish(struct scratch *scratch)
{
    struct stack_event *event = &scratch->event;
    u32 frames = event->kernel_frames + event->user_frames + event->python_frames;
    event->hash = stack_key(scratch, frames, scratch->epoch);
    if (count_stack(scratch, frames, scratch->epoch))
        send_time(scratch);
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
    finish(scratch);
}

#ifdef WALK_EH
int walk_python(struct bpf_perf_event_data *ctx)
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
    finish(scratch);
    return 0;
}

/* The walk goes on in this program until it has ended; then the sample is counted. */
int walk_further(struct bpf_perf_event_data *ctx)
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

static __always_inline void take_user_stack(struct bpf_perf_event_data *ctx, struct scratch *scratch)
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

int sample(struct bpf_perf_event_data *ctx)
{
    u32 zero = 0;
    struct scratch *scratch = scratch_space.lookup(&zero);
    struct sample_config *wanted = config.lookup(&zero);
    if (!scratch || !wanted)
        return 0;
    u64 ids = bpf_get_current_pid_tgid(), epoch = wanted->epoch & 1;
    struct stack_event *event = &scratch->event;
    event->tgid = ids >> 32;
    event->tid = ids;
    bpf_get_current_comm(event->comm, sizeof(event->comm));
    if (!is_wanted(event->tgid, event->tid, (const u64 *)event->comm, wanted))
        return 0;
    take_cgroup(event);
    count_one(epoch, COUNTER_SAMPLES);
    scratch->epoch = epoch;
#ifndef NO_TIMES
    scratch->time_ns = bpf_ktime_get_ns();
#endif
    take_kernel_stack(ctx, scratch);
    take_user_stack(ctx, scratch);
    return 0;
}

#if defined(WALK_EH) || defined(TARGETS_MOVE)
/* BCC makes the arguments' structs from the running kernel's formats, but only for probes in this file. */
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

#ifdef WALK_EH
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
