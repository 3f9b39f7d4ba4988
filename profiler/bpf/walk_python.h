/*
 * Python frames of the sampled thread, innermost first. Written by profiler/agent/runtimes/python.py, whose
 * python_layout.py holds the twins of these structs; decoded by python_codes.py.
 *
 * A thread's state is found in its thread-local storage, so no lock of the interpreter matters. Each frame becomes one
 * word: the id of its function, with the lowest bit set when the frame is the outermost of one run of the interpreter's
 * loop (one native _PyEval_EvalFrameDefault). A word of 1 ends a run without being a function. A last word without
 * the second bit is a function that is being entered or left: its frame is there, but not among the thread's.
 */
#ifndef WEBPROF_WALK_PYTHON_H
#define WEBPROF_WALK_PYTHON_H

#include "sample.h"
#include "stack_hash.h"

/* Bytes of a name or a path that are sent: the last ones when it is longer. A multiple of 4, the widest character. */
#define PYTHON_TEXT_BYTES 256
/* A frame's and a code object's first bytes; every field we read ends below. */
#define PYTHON_OBJECT_BYTES 256
/* Frames per program, which calls itself for more: the verifier's work grows with them. */
#define PYTHON_STEPS 16
/* Longer texts are garbage. */
#define PYTHON_MAX_TEXT (1 << 16)
#define PYTHON_PROCESSES 4096
/* A ring of half a megabyte: the names of some 900 functions between two readings, more than an import of a big module. */
#define PYTHON_NAME_PAGES 128
/* Functions whose names were sent: the least recently seen ones are sent again. */
#define PYTHON_CODES 16384
/* Of `holder`: the thread state itself points to the frame. */
#define PYTHON_NO_HOLDER 0xFFFF
/* Of `stack_top`: frames are objects of their own. */
#define PYTHON_NO_STACK 0xFFFF
/* Bits of a str's state, behind those that say how it is interned. */
#define TEXT_KIND 7
#define TEXT_COMPACT 8
#define TEXT_ASCII 16
#define PYTHON_RUN_END 1ULL
#define PYTHON_LINKED 2ULL

enum python_grouping {
    PYTHON_EVERY_FRAME = 0, /* to 3.10: each frame is a run of the loop */
    PYTHON_ENTRY_FLAG = 1,  /* 3.11: a flag marks the first frame of a run */
    PYTHON_OWNER = 2,       /* from 3.12 on: a frame that is no function stands before the first frame of a run */
};
/* Owners of frames from here on are the interpreter itself. */
#define PYTHON_OWNER_THREAD 0
#define PYTHON_OWNER_INTERPRETER 3

/* Where things are in a process. Offsets in bytes. */
struct python_process {
    u32 fsbase;       /* of the user's thread pointer in task_struct */
    u32 thread_state; /* from the thread pointer to the pointer to the thread state */
    u16 holder;       /* in the thread state: the pointer to the struct that points to the frame */
    u16 frame;        /* in that struct */
    u16 code;         /* in a frame, as the next two */
    u16 previous;
    u16 entry;
    u16 frame_bytes;
    u16 file; /* in a code object, as the next two */
    u16 name;
    u16 line;
    u16 code_bytes;
    u16 text_length; /* in a str, as the next three */
    u16 text_state;
    u16 text_ascii;
    u16 text_wide;
    u16 stack_top; /* in the thread state: where the next frame will be put */
    u16 owner;     /* in a frame */
    u16 size;      /* in a code object: an int, the words of its frames; of 3.11 without the next two */
    u16 size_more; /* in a code object: another int of words to add, 0 for none */
    u8 size_words;
    u8 grouping;
    u16 unused;
};

struct python_text {
    u32 bytes;
    u32 state;
    char data[PYTHON_TEXT_BYTES];
};

struct python_code {
    u64 id;
    u32 line;
    u32 tgid;
    struct python_text name;
    struct python_text file;
};

struct python_walk {
    struct python_code code;
    u64 frame;
    u64 state;
    u64 stack_end; /* behind the innermost frame on the thread's stack, 0 before it was met */
    u32 tgid;
    u32 frames;
    u32 words;
    u8 frame_copy[PYTHON_OBJECT_BYTES + 8];
    u8 code_copy[PYTHON_OBJECT_BYTES + 8];
};

BPF_HASH(pythons, u32, struct python_process, PYTHON_PROCESSES);
BPF_TABLE("lru_hash", u64, u8, python_codes, PYTHON_CODES);
BPF_RINGBUF_OUTPUT(python_names, PYTHON_NAME_PAGES);
BPF_PERCPU_ARRAY(python_space, struct python_walk, 1);

/* A fork has the memory of its parent, and its one thread the thread pointer of the forking one. */
static __always_inline void python_created(u32 parent, u32 child, u64 clone_flags)
{
    if (clone_flags & CLONE_THREAD)
        return;
    struct python_process *known = pythons.lookup(&parent);
    if (!known) {
        pythons.delete(&child);
        return;
    }
    struct python_process copy = *known;
    pythons.update(&child, &copy);
}

static __always_inline void python_ended(u32 tid)
{
    pythons.delete(&tid);
}

static __always_inline bool read_user(void *to, u32 size, u64 address)
{
    return bpf_probe_read_user(to, size, (void *)address) == 0;
}

static __always_inline u64 field(const u8 *object, u16 offset)
{
    return *(const u64 *)(object + (offset & (PYTHON_OBJECT_BYTES - 1)));
}

/* How a str is stored. Two bits say how it is interned, in some releases of 3.14 a half word. */
static __always_inline u32 text_state(u32 word)
{
    return word & 0xFFFC ? word >> 2 : word >> 16;
}

static __always_inline bool read_text(const struct python_process *layout, u64 address, struct python_text *text)
{
    u64 length;
    u32 state;
    if (!read_user(&length, sizeof(length), address + layout->text_length) ||
        !read_user(&state, sizeof(state), address + layout->text_state))
        return false;
    state = text_state(state);
    if (!(state & TEXT_COMPACT) || length > PYTHON_MAX_TEXT)
        return false;
    u32 bytes = length * (state & TEXT_KIND), size = bytes < PYTHON_TEXT_BYTES ? bytes : PYTHON_TEXT_BYTES;
    u64 data = address + (state & TEXT_ASCII ? layout->text_ascii : layout->text_wide) + (bytes - size);
    text->bytes = bytes;
    text->state = state;
    /*
     * Otherwise the compiler drops the mask, which the verifier wants. It believes in up to 511 bytes, for which there
     * is room behind the text in struct python_walk.
     */
    asm volatile("" : "+r"(size));
    return read_user(text->data, size & (2 * PYTHON_TEXT_BYTES - 1), data);
}

static __always_inline bool read_code(const struct python_process *layout, struct python_walk *walk, u64 address)
{
    return address && read_user(walk->code_copy, layout->code_bytes & (PYTHON_OBJECT_BYTES - 1), address);
}

/* Bytes of a frame of the code object that was read. */
static __always_inline u64 frame_size(const struct python_process *layout, const struct python_walk *walk)
{
    u32 words = (u32)field(walk->code_copy, layout->size) + layout->size_words;
    if (layout->size_more)
        words += (u32)field(walk->code_copy, layout->size_more);
    return (u64)words * sizeof(u64);
}

/*
 * The id of the code object that was read, 0 when it is none. Memory of a freed function is used again: its names'
 * addresses and its line are part of the id. The names are sent the first time.
 */
static __always_inline u64 python_function(const struct python_process *layout, struct python_walk *walk, u64 address)
{
    u64 name = field(walk->code_copy, layout->name), file = field(walk->code_copy, layout->file);
    u32 line = field(walk->code_copy, layout->line);
    u64 id = hash_word(hash_word(0, ((u64)walk->tgid << 32) | line), address);
    id = (hash_word(hash_word(id, name), file) | PYTHON_LINKED) & ~PYTHON_RUN_END;
    if (python_codes.lookup(&id))
        return id;
    struct python_code *code = &walk->code;
    code->id = id;
    code->line = line;
    code->tgid = walk->tgid;
    u8 known = 1;
    if (!read_text(layout, name, &code->name) || !read_text(layout, file, &code->file))
        return 0;
    if (!python_names.ringbuf_output(code, sizeof(*code), BPF_RB_NO_WAKEUP))
        python_codes.update(&id, &known);
    return id;
}

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
        if (owner >= PYTHON_OWNER_INTERPRETER)
            return PYTHON_RUN_END;
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
 * innermost linked one. It may also be one that the loop at hand is calling: the native stack tells.
 */
static __always_inline void add_unlinked(const struct python_process *layout, struct python_walk *walk, u64 *words,
                                         u32 base)
{
    u64 top;
    if (layout->stack_top == PYTHON_NO_STACK || !walk->stack_end || walk->words >= MAX_PYTHON_WORDS ||
        !read_user(&top, sizeof(top), walk->state + layout->stack_top) || top <= walk->stack_end ||
        !read_user(walk->frame_copy, layout->frame_bytes & (PYTHON_OBJECT_BYTES - 1), walk->stack_end) ||
        (u8)field(walk->frame_copy, layout->owner) != PYTHON_OWNER_THREAD)
        return;
    u64 code = code_of_frame(layout, walk);
    if (!read_code(layout, walk, code) || walk->stack_end + frame_size(layout, walk) != top)
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
        walk->stack_end = 0;
        if (!find_python_frame(layout, walk))
            return 0;
    }
    *outcome = walk_python_frames(layout, walk, words, base);
    if (*outcome == PYTHON_END)
        add_unlinked(layout, walk, words, base);
    return walk->words;
}

#endif
