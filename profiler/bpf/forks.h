/*
 * Whose memory a process has that was forked and has not called exec: a child of milliseconds is gone when its stack is
 * read, but its addresses mean what they mean in the process that it was forked from.
 */
#ifndef WEBPROF_FORKS_H
#define WEBPROF_FORKS_H

#include "sample.h"

/* The least recently used go first; a process id that is used again gets a new entry. */
#define FORK_ENTRIES 16384
BPF_TABLE("lru_hash", u32, u32, forked_from, FORK_ENTRIES);

/* Of a chain of forks the first process counts: it is the likeliest to be still there. */
static __always_inline void memory_inherited(u32 parent, u32 child, u64 clone_flags)
{
    if (clone_flags & CLONE_THREAD)
        return;
    u32 *older = forked_from.lookup(&parent);
    u32 origin = older ? *older : parent;
    forked_from.update(&child, &origin);
}

static __always_inline void memory_replaced(u32 tgid)
{
    forked_from.delete(&tgid);
}

static __always_inline u32 memory_origin(u32 tgid)
{
    u32 *origin = forked_from.lookup(&tgid);
    return origin ? *origin : 0;
}

#endif
