/*
 * Values of stacks that are taken at events: nanoseconds, bytes, or how many events there were.
 *
 * Each stack has one hash for the whole recording and is sent when it is met first; its value may become known later,
 * as that of a wait does. Values are added up by the stack, a state, and another stack that has to do with it.
 *
 * Parameters (-D): those of stack_walk.h; COUNT_ENTRIES and STACK_ENTRIES are sizes.
 *
 * Epochs are those of cpu_sample.c: the lowest bit of each key is the one it was counted in.
 */
#ifndef WEBPROF_VALUES_H
#define WEBPROF_VALUES_H

#include "stack_walk.h"

/* The low bits of a hash are left to the epoch, and above it to the state: there is one for each system call. */
#define KEY_BITS 0x7FFULL
#define STATE_SHIFT 1
/* A state: the stack is of who wakes a thread, which may be an interrupt. Others are in waits.h. */
#define STATE_WAKER 9
/* Of a stack that found no room in the ring: what it is worth is counted all the same. */
#define NO_STACK 0

/* `stack` has the state and the epoch in its low bits; `other` is 0 where there is none. */
struct value_key {
    u64 stack;
    u64 other;
};

struct value_sum {
    u64 value;
    u64 events;
};

BPF_HASH(counts, struct value_key, struct value_sum, COUNT_ENTRIES);
/* Stacks that were sent. The one met longest ago is forgotten for a new one, and sent again. */
BPF_TABLE("lru_hash", u64, u8, known, STACK_ENTRIES);

/* The hash of the stack that was taken; the reader knows it, or it is NO_STACK. */
static __always_inline u64 known_stack(struct scratch *scratch)
{
    u64 hash = stack_hash(scratch) & ~KEY_BITS;
    u8 yes = 1;
    if (known.lookup(&hash))
        return hash;
    scratch->event.hash = hash;
    if (!send_stack(scratch))
        return NO_STACK;
    known.update(&hash, &yes);
    return hash;
}

static __always_inline void add_value(u64 stack, u32 state, u64 other, u64 value, u64 epoch)
{
    struct value_key key = {.stack = stack | (u64)state << STATE_SHIFT | epoch, .other = other};
    struct value_sum first = {.value = value, .events = 1};
    struct value_sum *sum = counts.lookup(&key);
    count_one(epoch, COUNTER_SAMPLES);
    if (stack == NO_STACK)
        count_one(epoch, COUNTER_LOST_RING_FULL);
    if (!sum) {
        long error = counts.insert(&key, &first);
        if (!error)
            return;
        /* Another CPU may have inserted the same key just now. */
        sum = counts.lookup(&key);
        if (!sum) {
            if (stack != NO_STACK)
                count_one(epoch, error == -E2BIG ? COUNTER_LOST_MAP_FULL : COUNTER_LOST_MAP_BUSY);
            return;
        }
    }
    __sync_fetch_and_add(&sum->value, value);
    __sync_fetch_and_add(&sum->events, 1);
}

/* Of a program that has to know what was before a recording. */
static __always_inline struct sample_config *following_config(void)
{
    u32 zero = 0;
    struct sample_config *wanted = config.lookup(&zero);
    return wanted && wanted->following ? wanted : 0;
}

/* While nothing is counted there is none. */
static __always_inline struct sample_config *counting_config(void)
{
    struct sample_config *wanted = following_config();
    return wanted && wanted->started_ns ? wanted : 0;
}

/*
 * What a program that takes a stack begins with: its memory when the current task is wanted, else 0. The last thing that
 * it does is `take_stack`.
 */
static __always_inline struct scratch *begin_stack(const struct sample_config *wanted)
{
    u32 zero = 0;
    struct scratch *scratch = scratch_space.lookup(&zero);
    return scratch && take_task(scratch, wanted) ? scratch : 0;
}

#endif
