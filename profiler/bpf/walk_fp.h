/*
 * The user stack by frame pointers. Another walk replaces this header by offering the same function:
 * fill at most MAX_FRAMES addresses, innermost first, return how many, and say how the walk ended.
 */
#ifndef WEBPROF_WALK_FP_H
#define WEBPROF_WALK_FP_H

#include "sample.h"

static __always_inline u32 walk_user_stack(void *ctx, u64 *frames, u16 *outcome)
{
    long bytes = bpf_get_stack(ctx, frames, MAX_FRAMES * sizeof(u64), BPF_F_USER_STACK);
    if (bytes <= 0) {
        /* -EFAULT and an empty chain both mean a task without user registers; anything else is a failure. */
        *outcome = bytes == 0 || bytes == -EFAULT ? WALK_NONE : WALK_FAILED;
        return 0;
    }
    u32 count = (u32)bytes / sizeof(u64);
    *outcome = count >= MAX_FRAMES ? WALK_CUT : WALK_CHAIN_END;
    return count;
}

#endif
