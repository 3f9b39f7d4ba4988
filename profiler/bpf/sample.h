/* What a program and its reader share. The reader's twin of these structs is profiler/agent/sampling/events.py. */
#ifndef WEBPROF_SAMPLE_H
#define WEBPROF_SAMPLE_H

#include <linux/types.h>

/* 127 is the kernel's default and usual ceiling (perf_event_max_stack); the loader passes a lower one if set. */
#ifndef MAX_FRAMES
#define MAX_FRAMES 127
#endif

/* A frame of Python is one word; with interpreters that mark the runs of their loop, two per run. */
#define MAX_PYTHON_WORDS 128

/* Kernel, user and Python frames of one stack, rounded up to a power of two: a mask bounds it for the verifier. */
#define FRAME_SLOTS 512

/* Errors of helpers; uapi/asm-generic/errno-base.h is not among the stub headers. */
#define E2BIG 7
#define EFAULT 14

/* Of clone(2): a thread of the same process. */
#define CLONE_THREAD 0x00010000

/* What programs are given: at events (AT_EVENTS) of any type nothing of it is used. */
#ifdef AT_EVENTS
#define STACK_CONTEXT void
#else
#define STACK_CONTEXT struct bpf_perf_event_data
#endif

/* How the walk of the user stack ended. */
enum walk_outcome {
    WALK_NONE = 0,       /* the task has no user memory: a kernel thread, or user frames weren't asked for */
    WALK_CHAIN_END = 1,  /* the chain of frame pointers ended, at the entry or where code keeps none */
    WALK_CUT = 2,        /* MAX_FRAMES reached: the outermost frames are missing */
    WALK_FAILED = 3,     /* the registers or the stack could not be read, or the code is not 64 bit */
    WALK_END = 4,        /* the entry of the process or thread: a whole stack */
    WALK_NO_PROCESS = 5, /* the process's tables were not loaded yet; from here on, what ended the walk by tables */
    WALK_NO_MAPPING = 6, /* an address in no known mapping */
    WALK_PENDING = 7,    /* a file whose rows are not parsed yet */
    WALK_NO_TABLE = 8,   /* JIT code, or a file without unwind information */
    WALK_NO_ROW = 9,     /* code that its file's unwind information leaves out */
    WALK_BAD = 10,       /* a rule that the walk does not follow, or one that leads backwards */
    WALK_READ = 11,      /* the stack could not be read */
    WALK_GUESSED = 12,   /* the entry, past code without rows by its frame pointer: callers in between may be missing */
};

/* How the walk of the Python frames ended. */
enum python_outcome {
    PYTHON_NONE = 0, /* no Python that we know, or not in this thread now */
    PYTHON_END = 1,  /* all frames */
    PYTHON_CUT = 2,  /* MAX_PYTHON_WORDS reached: the outermost frames are missing */
    PYTHON_READ = 3, /* a frame could not be read: the outer ones are missing */
    PYTHON_MORE = 4, /* never sent: the walk goes on */
};

/*
 * One new stack, followed by kernel_frames and then user_frames addresses (u64), each innermost first, and
 * python_frames words (walk_python.h).
 */
struct stack_event {
    u64 hash;
    u64 cgroup; /* the thread's control group: the inode number of its directory in a hierarchy (cgroup_id.h) */
    u32 tgid;
    u32 tid;
    u16 kernel_frames;
    u16 user_frames;
    u16 outcome;
    u16 kernel_cut;
    u16 python_frames;
    u16 python_outcome;
    u32 cgroup_hierarchy;
    u32 memory_of; /* the process that it was forked from, when it has not called exec; 0 when that is not known */
    u32 unused;
    char comm[TASK_COMM_LEN];
};

/*
 * When and where one counted sample was taken, and the key that it was counted under. `when` has the time (CLOCK_MONOTONIC)
 * in units of 2^TIME_SHIFT ns above the number of the CPU: 4 µs are exact enough for pictures, and 48 bits of them last for
 * 36 years of uptime.
 */
#define CPU_BITS 16
#define TIME_SHIFT 12
struct sample_time {
    u64 when;
    u64 key;
};

/*
 * Set by the reader; `epoch` is flipped between 0 and 1 to take a consistent reading. Programs at events run from when
 * they are loaded, and do nothing unless `following`; what they see counts since `started_ns` (CLOCK_MONOTONIC; 0: not yet).
 */
struct sample_config {
    u64 epoch;
    char comm[TASK_COMM_LEN];
    u64 following;
    u64 started_ns;
};

/*
 * Per-CPU counters, one set per epoch. A sample is counted in SAMPLES and, when it got lost, in one LOST_* more.
 * NOT_FOLLOWED counts tasks that targets started and there was no room for: what they did was never sampled.
 * NO_TIME: samples that are counted, but whose time found no room.
 */
enum sample_counter {
    COUNTER_SAMPLES = 0,
    COUNTER_LOST_MAP_FULL = 1,
    COUNTER_LOST_MAP_BUSY = 2,
    COUNTER_LOST_RING_FULL = 3,
    COUNTER_NOT_FOLLOWED = 4,
    COUNTER_NO_TIME = 5,
    COUNTERS = 6,
};

#endif
