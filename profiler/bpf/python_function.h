/*
 * Where a process keeps what we read of Python, and its functions: a code object becomes an id, and its names are sent
 * the first time. Written by profiler/agent/runtimes/python.py, whose python_layout.py holds the twins of these structs.
 */
#ifndef WEBPROF_PYTHON_FUNCTION_H
#define WEBPROF_PYTHON_FUNCTION_H

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
    u64 empty_run; /* the interpreter's own frame, when it is the innermost linked one: a run without a function */
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

#endif
