/*
 * Python frames of the sampled thread, innermost first. Decoded by profiler/agent/runtimes/python_codes.py.
 *
 * A thread's state is found in its thread-local storage, so no lock of the interpreter matters. Each frame becomes one
 * word: the id of its function, with the lowest bit set when the frame is the outermost of one run of the interpreter's
 * loop (one native _PyEval_EvalFrameDefault). A word of 1 ends a run without being a function. A last word without
 * the second bit is a function that is being entered or left: its frame is there, but not among the thread's.
 */
#ifndef WEBPROF_WALK_PYTHON_H
#define WEBPROF_WALK_PYTHON_H

#include "python_function.h"

/* From 3.14 on the low bits of the pointer are a tag. */
static __always_inline u64 code_of_frame(const struct python_process *layout, const struct python_walk *walk)
{
    return field(walk->frame_copy, layout->code) & ~7ULL;
}

/* The word of the frame that was read, 0 when it is none. */
static __always_inline u64 python_word(const struct python_process *layout, struct python_walk *walk)
{
    u8 entry = field(walk->frame_copy, layout->entry), owner = field(walk->frame_copy, layout->owner);
    u64 code = code_of_frame(layout, walk), end = PYTHON_RUN_END;
    if (layout->grouping == PYTHON_OWNER) {
        if (owner >= PYTHON_OWNER_INTERPRETER) {
            if (!walk->frames)
                walk->empty_run = walk->frame;
            return PYTHON_RUN_END;
        }
        end = 0;
    } else if (layout->grouping == PYTHON_ENTRY_FLAG && !entry)
        end = 0;
    u64 id = read_code(layout, walk, code) ? python_function(layout, walk, code) : 0;
    if (id && !walk->stack_end && owner == PYTHON_OWNER_THREAD)
        walk->stack_end = walk->frame + frame_size(layout, walk);
    return id | end;
}

/* The words of the next frames, into `words` from slot `base` on. How the walk ended, if it did. */
static __always_inline u16 walk_python_frames(const struct python_process *layout, struct python_walk *walk,
                                              u64 *words, u32 base)
{
#pragma clang loop unroll(disable)
    for (int i = 0; i < PYTHON_STEPS; i++) {
        if (!walk->frame)
            return PYTHON_END;
        if (walk->frames >= MAX_PYTHON_WORDS)
            return PYTHON_CUT;
        if (!read_user(walk->frame_copy, layout->frame_bytes & (PYTHON_OBJECT_BYTES - 1), walk->frame))
            return PYTHON_READ;
        u64 word = python_word(layout, walk);
        if (word) {
            words[(base + walk->words) & (FRAME_SLOTS - 1)] = word;
            walk->words += 1;
        }
        walk->frame = field(walk->frame_copy, layout->previous);
        walk->frames += 1;
    }
    return PYTHON_MORE;
}

/*
 * A function that is being entered or left, as a last word: its frame is the one on the thread's stack above the
 * innermost linked one. It may also be one that the loop at hand is calling: the native stack tells. Once its run has
 * let it go the frame lies behind the top, where nothing overwrites it before the next call: it is that run's own when
 * it still names the run's first frame as its caller.
 */
static __always_inline void add_unlinked(const struct python_process *layout, struct python_walk *walk, u64 *words,
                                         u32 base)
{
    u64 top;
    if (layout->stack_top == PYTHON_NO_STACK || !walk->stack_end || walk->words >= MAX_PYTHON_WORDS ||
        !read_user(&top, sizeof(top), walk->state + layout->stack_top) || top < walk->stack_end ||
        !read_user(walk->frame_copy, layout->frame_bytes & (PYTHON_OBJECT_BYTES - 1), walk->stack_end) ||
        (u8)field(walk->frame_copy, layout->owner) != PYTHON_OWNER_THREAD)
        return;
    bool ended = top == walk->stack_end;
    if (ended && (!walk->empty_run || field(walk->frame_copy, layout->previous) != walk->empty_run))
        return;
    u64 code = code_of_frame(layout, walk);
    if (!read_code(layout, walk, code) || (!ended && walk->stack_end + frame_size(layout, walk) != top))
        return;
    u64 id = python_function(layout, walk, code);
    if (!id)
        return;
    words[(base + walk->words) & (FRAME_SLOTS - 1)] = id & ~PYTHON_LINKED;
    walk->words += 1;
}

/* The frame that the holder before this one points to. */
static __always_inline u64 outer_frame(const struct python_process *layout, u64 holder)
{
    u64 outer, frame = 0;
    if (read_user(&outer, sizeof(outer), holder + layout->frame + sizeof(outer)))
        read_user(&frame, sizeof(frame), outer + layout->frame);
    return frame;
}

/*
 * Whether `walk->frame` is what it should be: its code object has a file's name, or it is the interpreter's own and
 * leads to the run before.
 */
static __always_inline bool is_frame(const struct python_process *layout, struct python_walk *walk, u64 outer)
{
    if (!read_user(walk->frame_copy, layout->frame_bytes & (PYTHON_OBJECT_BYTES - 1), walk->frame))
        return false;
    u64 code = code_of_frame(layout, walk);
    if (layout->grouping == PYTHON_OWNER && (u8)field(walk->frame_copy, layout->entry) == PYTHON_OWNER_INTERPRETER)
        return field(walk->frame_copy, layout->previous) == outer;
    u32 state;
    if (!read_code(layout, walk, code) ||
        !read_user(&state, sizeof(state), field(walk->code_copy, layout->file) + layout->text_state))
        return false;
    return text_state(state) & TEXT_COMPACT;
}

/* The innermost frame of this thread; false when the thread runs no Python. */
static __always_inline bool find_python_frame(const struct python_process *layout, struct python_walk *walk)
{
    u64 thread_pointer, state, holder;
    const u8 *task = (const u8 *)bpf_get_current_task();
    if (bpf_probe_read_kernel(&thread_pointer, sizeof(thread_pointer), task + layout->fsbase) || !thread_pointer ||
        !read_user(&state, sizeof(state), thread_pointer + layout->thread_state) || !state)
        return false;
    walk->state = state;
    if (layout->holder == PYTHON_NO_HOLDER)
        return read_user(&walk->frame, sizeof(walk->frame), state + layout->frame) && walk->frame;
    if (!read_user(&holder, sizeof(holder), state + layout->holder) ||
        !read_user(&walk->frame, sizeof(walk->frame), holder + layout->frame))
        return false;
    /* A run that is just beginning has put its holder in place, but not its frame: what stands there is old. */
    u64 outer = outer_frame(layout, holder);
    if (!is_frame(layout, walk, outer))
        walk->frame = outer;
    return walk->frame;
}

/*
 * Python's part of a stack, a few frames at a time: words from slot `base` on. `outcome` is PYTHON_NONE at first, and
 * PYTHON_MORE as long as there are more. Returns how many words there are.
 */
static __always_inline u32 take_python_frames(u32 tgid, u64 *words, u32 base, u16 *outcome)
{
    u32 zero = 0;
    struct python_process *layout = pythons.lookup(&tgid);
    struct python_walk *walk = python_space.lookup(&zero);
    if (!layout || !walk) {
        *outcome = PYTHON_NONE;
        return 0;
    }
    if (*outcome == PYTHON_NONE) {
        walk->tgid = tgid;
        walk->frames = walk->words = 0;
        walk->stack_end = walk->empty_run = 0;
        if (!find_python_frame(layout, walk))
            return 0;
    }
    *outcome = walk_python_frames(layout, walk, words, base);
    if (*outcome == PYTHON_END)
        add_unlinked(layout, walk, words, base);
    return walk->words;
}

#endif
