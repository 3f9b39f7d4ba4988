/* A 64-bit hash of a stack: one multiplication and one shift per word. */
#ifndef WEBPROF_STACK_HASH_H
#define WEBPROF_STACK_HASH_H

#include "sample.h"

/* 2^64 divided by the golden ratio, the usual multiplier of Fibonacci hashing. */
#define HASH_MULTIPLIER 0x9E3779B97F4A7C15ULL

static __always_inline u64 hash_word(u64 hash, u64 word)
{
    hash = (hash ^ word) * HASH_MULTIPLIER;
    return hash ^ (hash >> 29);
}

/* Fewer than FRAME_SLOTS. A mask bounds them: with a second condition the verifier checks every turn twice. */
static __always_inline u64 hash_frames(u64 hash, const u64 *frames, u32 count)
{
    count &= FRAME_SLOTS - 1;
#pragma clang loop unroll(disable)
    for (u32 i = 0; i < count; i++)
        hash = hash_word(hash, frames[i]);
    return hash;
}

#endif
