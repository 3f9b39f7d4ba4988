/*
 * Values counted in buckets, in the kernel, by rows that two words tell apart; and a few events of each bucket and second,
 * as examples of it. Their stacks are taken by example_stacks.h. The reader is profiler/agent/probes/histogram_table.py.
 *
 * Parameters (-D): HISTOGRAM_BUCKETS, HISTOGRAM_ROWS, EXEMPLAR_PAGES; HISTOGRAM_STEP for linear buckets.
 */
#ifndef WEBPROF_HISTOGRAM_H
#define WEBPROF_HISTOGRAM_H

#include <linux/types.h>

#define SECOND_NS 1000000000ULL
/* Of each bucket: enough to see what they have in common, few enough to cost nothing. */
#define EXEMPLARS_A_SECOND 8

struct histogram_key {
    u64 first;
    u64 second;
};

struct histogram_row {
    u64 sum;
    u64 buckets[HISTOGRAM_BUCKETS];
};

/* Why an example has no stack. The reader's words for these are in profiler/agent/probes/example_stacks.py. */
enum no_stack {
    STACK_NOT_TAKEN = 0, /* the program takes none */
    STACK_NOT_READY = 1, /* nobody reads stacks yet */
    STACK_NO_TURN = 2,   /* too many events had begun within a moment */
    STACK_NO_ROOM = 3,   /* the ring was full */
    STACK_NOT_BACK = 4,  /* the thread did not come back from the scheduler: it had just begun */
    STACK_NO_HOOK = 5,   /* the kernel does not tell when a thread is back */
    NO_STACK_LAST = 15,
};

/* Of whom an event is, and what of it the reader sees. */
struct exemplar {
    u64 time_ns; /* CLOCK_MONOTONIC, at its end */
    u64 value;
    u64 stack; /* the number of its stack, or why there is none */
    struct histogram_key key;
    u32 tgid;
    u32 tid;
    char comm[TASK_COMM_LEN];
};

struct exemplar_quota {
    u64 second;
    u64 sent;
};

/* The reader's names of these are in profiler/agent/probes/histogram_table.py. */
enum histogram_loss {
    LOST_NO_ROW = 0,   /* more rows than HISTOGRAM_ROWS */
    LOST_NO_START = 1, /* too much had begun and not ended: a table was full */
    LOST_NO_EVENT = 2, /* what must have happened in between was kept from all programs */
    HISTOGRAM_LOSSES = 3,
};

BPF_HASH(histogram, struct histogram_key, struct histogram_row, HISTOGRAM_ROWS);
BPF_ARRAY(histogram_empty, struct histogram_row, 1); /* too large for the stack */
BPF_PERCPU_ARRAY(histogram_lost, u64, HISTOGRAM_LOSSES);
BPF_ARRAY(exemplar_quotas, struct exemplar_quota, HISTOGRAM_BUCKETS);
BPF_RINGBUF_OUTPUT(exemplars, EXEMPLAR_PAGES);

static __always_inline void histogram_count_lost(u32 cause)
{
    u64 *count = histogram_lost.lookup(&cause);
    if (count)
        *count += 1;
}

/* The place of the highest bit; 0 for 0. */
static __always_inline u32 log2_of(u64 value)
{
    u32 place = 0, shift;
    shift = (value > 0xFFFFFFFF) << 5, value >>= shift, place |= shift;
    shift = (value > 0xFFFF) << 4, value >>= shift, place |= shift;
    shift = (value > 0xFF) << 3, value >>= shift, place |= shift;
    shift = (value > 0xF) << 2, value >>= shift, place |= shift;
    shift = (value > 0x3) << 1, value >>= shift, place |= shift;
    return place | (value >> 1);
}

static __always_inline u32 bucket_of(u64 value)
{
#ifdef HISTOGRAM_STEP
    u64 bucket = value / HISTOGRAM_STEP;
#else
    u64 bucket = log2_of(value);
#endif
    return bucket < HISTOGRAM_BUCKETS ? bucket : HISTOGRAM_BUCKETS - 1;
}

/*
 * Whether it is one of those that are kept. CPUs that ask at once may get one or two too many. Events whose stack nobody
 * took leave half of the room to those that have one.
 */
static __always_inline bool is_example(u32 bucket, const struct exemplar *example)
{
    struct exemplar_quota *quota = exemplar_quotas.lookup(&bucket);
    if (!quota)
        return false;
    u64 second = example->time_ns / SECOND_NS;
    if (quota->second != second) {
        quota->second = second;
        quota->sent = 0;
    }
    if (quota->sent >= (example->stack == STACK_NO_TURN ? EXEMPLARS_A_SECOND / 2 : EXEMPLARS_A_SECOND))
        return false;
    quota->sent += 1;
    return true;
}

/* One that finds no room is only an example less. */
static __always_inline void send_example(struct exemplar *example)
{
    exemplars.ringbuf_output(example, sizeof(*example), BPF_RB_NO_WAKEUP);
}

static __always_inline struct histogram_row *histogram_row_of(struct histogram_key *key)
{
    struct histogram_row *row = histogram.lookup(key);
    if (row)
        return row;
    u32 zero = 0;
    struct histogram_row *empty = histogram_empty.lookup(&zero);
    if (!empty)
        return 0;
    histogram.insert(key, empty); /* another CPU may have been faster */
    return histogram.lookup(key);
}

/* Counts one event that ends now: whose it is, its value and its row. True: it is one of the examples, and to be sent. */
static __always_inline bool count_event(struct exemplar *example)
{
    struct histogram_row *row = histogram_row_of(&example->key);
    if (!row) {
        histogram_count_lost(LOST_NO_ROW);
        return false;
    }
    u32 bucket = bucket_of(example->value);
    __sync_fetch_and_add(&row->buckets[bucket], 1);
    __sync_fetch_and_add(&row->sum, example->value);
    return is_example(bucket, example);
}

/* The same when its stack was taken before, or nobody takes it. */
static __always_inline void observe(struct exemplar *example)
{
    if (count_event(example))
        send_example(example);
}

/* An event of the thread that runs now. */
static __always_inline struct exemplar current_example(u64 first, u64 second, u64 value, u64 now)
{
    u64 id = bpf_get_current_pid_tgid();
    struct exemplar example = {.time_ns = now, .value = value, .tgid = id >> 32, .tid = id};
    example.key.first = first;
    example.key.second = second;
    bpf_get_current_comm(example.comm, sizeof(example.comm));
    return example;
}

/* Counts an event of the thread that runs now, whose stack would tell nothing. */
static __always_inline void observe_current(u64 first, u64 second, u64 value, u64 now)
{
    struct exemplar example = current_example(first, second, value, now);
    observe(&example);
}

#endif
