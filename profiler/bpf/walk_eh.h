/*
 * The user stack by unwind tables, without frame pointers; x86-64. Where no table helps (JIT code, hand-written
 * assembler) a step by frame pointer is tried. A walk takes several programs that call each other: WALK_STEPS frames each.
 */
#ifndef WEBPROF_WALK_EH_H
#define WEBPROF_WALK_EH_H

#include <asm/ptrace.h>
#include "unwind_tables.h"
#include "unwind_vma.h"

/* Frames per program: more frames cost verification time, and above 64 exceed its limits; 16 × 8 > MAX_FRAMES. */
#define WALK_STEPS 8
/* Special values of a row's `rbp`. */
#define RBP_AT_RBP 127
#define RBP_LOST (-128)
/* A frame chain that jumps further than this is garbage. */
#define MAX_FRAME_BYTES (1 << 20)
/* The kernel's signal frame (struct ucontext): where three of the interrupted registers are. */
#define UCONTEXT_RBP 120
#define UCONTEXT_RSP 160
#define UCONTEXT_RIP 168
#define USER_CODE_64 0x33

struct walk {
    u64 ip;
    u64 sp;
    u64 bp;
    u64 mapping_start;
    u64 mapping_end;
    u64 bias;
    u32 first_row;
    u32 rows;
    u32 first_mapping;
    u32 mappings;
    u32 tgid;
    u32 depth;
    u16 outcome; /* why the tables did not help, from the first time on; the final outcome once `done` */
    u8 exact;    /* ip is where the thread was, not behind a call */
    u8 done;
    u8 guessed; /* passed a file's code without a rule by frame pointer */
};

static __always_inline bool end_walk(struct walk *walk, u16 outcome)
{
    walk->outcome = outcome;
    walk->done = 1;
    return false;
}

static __always_inline bool read_word(u64 address, u64 *word)
{
    return bpf_probe_read_user(word, sizeof(*word), (void *)address) == 0;
}

static __always_inline bool end_at_entry(struct walk *walk)
{
    return end_walk(walk, walk->guessed ? WALK_GUESSED : WALK_END);
}

/*
 * Code that keeps no frame pointer has left its caller's, or an older one, in rbp: then frames are passed over, and the
 * entry may be reached all the same. JIT compilers keep them, or their runtime knows (`is_jit`); of a file nobody knows.
 */
static __always_inline bool step_by_frame_pointer(struct walk *walk, u16 reason, bool is_jit)
{
    u64 saved[2];
    if (!walk->outcome)
        walk->outcome = reason;
    if (walk->bp < walk->sp || walk->bp - walk->sp > MAX_FRAME_BYTES || (walk->bp & 7) ||
        bpf_probe_read_user(saved, sizeof(saved), (void *)walk->bp) || !saved[1])
        return end_walk(walk, walk->outcome);
    walk->guessed |= !is_jit;
    walk->sp = walk->bp + sizeof(saved);
    walk->bp = saved[0];
    walk->ip = saved[1];
    walk->exact = 0;
    return true;
}

static __always_inline bool step_over_signal(struct walk *walk)
{
    u64 sp = walk->sp;
    if (!read_word(sp + UCONTEXT_RBP, &walk->bp) || !read_word(sp + UCONTEXT_RSP, &walk->sp) ||
        !read_word(sp + UCONTEXT_RIP, &walk->ip))
        return end_walk(walk, WALK_READ);
    walk->exact = 1;
    return true;
}

static __always_inline bool step_to(struct walk *walk, u64 cfa, s8 rbp)
{
    u64 frame = rbp == RBP_AT_RBP ? walk->bp : cfa + (s64)rbp * 8;
    if (cfa <= walk->sp)
        return end_walk(walk, WALK_BAD);
    if (!read_word(cfa - 8, &walk->ip))
        return end_walk(walk, WALK_READ);
    if (rbp == RBP_LOST)
        walk->bp = 0;
    else if (rbp && !read_word(frame, &walk->bp))
        return end_walk(walk, WALK_READ);
    walk->sp = cfa;
    walk->exact = 0;
    return walk->ip ? true : end_at_entry(walk);
}

static __always_inline bool step_by_rule(struct walk *walk, u32 rule, u64 pc)
{
    u64 cfa, offset = (s64)(s16)(rule >> 16) * 8;
    switch (rule & 0xFF) {
    case ROW_END:
        return end_at_entry(walk);
    case ROW_SIGNAL:
        return step_over_signal(walk);
    case ROW_RSP:
        cfa = walk->sp + offset;
        break;
    case ROW_RBP:
        cfa = walk->bp + offset;
        break;
    case ROW_PLT:
        cfa = walk->sp + 8 + ((pc & 15) >= offset / 8 ? 8 : 0);
        break;
    case ROW_DEREF:
        if (!read_word(walk->bp + offset, &cfa))
            return end_walk(walk, WALK_READ);
        break;
    case ROW_GAP:
        return step_by_frame_pointer(walk, WALK_NO_ROW, false);
    default:
        return step_by_frame_pointer(walk, WALK_BAD, false);
    }
    return step_to(walk, cfa, (s8)(rule >> 8));
}

/* `is_new_file`: a process that is too young for tables of its own has something that no process had before. */
static __always_inline void ask_again(struct walk *walk, bool is_new_file)
{
    u32 tgid = walk->tgid;
    u64 now = bpf_ktime_get_ns();
    struct unwind_process *process = unwind_processes.lookup(&tgid);
    if (!process)
        return;
    if (now < process->quiet_until_ns && !(is_new_file && process->quiet_until_ns > now + REQUEST_INTERVAL_NS))
        return;
    process->quiet_until_ns = now + REQUEST_INTERVAL_NS;
    request_tables(tgid, is_new_file ? REQUEST_UNKNOWN : REQUEST_MAPPING);
}

static __always_inline void use_mapping(struct walk *walk, const struct unwind_mapping *mapping)
{
    walk->mapping_start = mapping->start;
    walk->mapping_end = mapping->end;
    walk->bias = mapping->bias;
    walk->first_row = mapping->first_row;
    walk->rows = mapping->rows;
}

/* Neighbouring frames are often in the same mapping: it is kept. */
static __always_inline bool enter_mapping(struct walk *walk, u64 pc)
{
    if (pc >= walk->mapping_start && pc < walk->mapping_end)
        return true;
    s64 found = find_mapping(walk->first_mapping, walk->mappings, pc);
    u32 index = found;
    struct unwind_mapping *mapping = found < 0 ? 0 : unwind_mappings.lookup(&index);
    if (mapping && pc < mapping->end) {
        use_mapping(walk, mapping);
        return true;
    }
#ifdef WALK_VMA
    struct unwind_mapping seen = {};
    u32 answer = mapping_in_kernel(pc, &seen);
    if (answer == VMA_FOUND) {
        use_mapping(walk, &seen);
        return true;
    }
    bool is_new_file = answer == VMA_UNKNOWN;
#else
    bool is_new_file = false;
#endif
    if (!walk->outcome)
        ask_again(walk, is_new_file);
    return false;
}

/* To the caller of the frame in `walk`. False when the walk has ended. */
static __always_inline bool step(struct walk *walk)
{
    u64 pc = walk->ip - !walk->exact;
    if (!enter_mapping(walk, pc))
        return step_by_frame_pointer(walk, walk->mappings ? WALK_NO_MAPPING : WALK_NO_PROCESS, false);
    if (!walk->rows)
        return step_by_frame_pointer(walk, walk->first_row == ROWS_PENDING ? WALK_PENDING : WALK_NO_TABLE,
                                     !walk->first_row);
    pc -= walk->bias;
    return step_by_rule(walk, pc >> 32 ? ROW_GAP : find_rule(walk->first_row, walk->rows, pc), pc);
}

/* The next WALK_STEPS frames, into `frames` from slot `base` + depth on. False when the walk has ended. */
static __always_inline bool walk_some(struct walk *walk, u64 *frames, u32 base)
{
#pragma clang loop unroll(disable)
    for (int i = 0; i < WALK_STEPS; i++) {
        if (walk->depth >= MAX_FRAMES)
            return end_walk(walk, WALK_CUT);
        /* Addresses but the first are read as "behind a call": what a signal interrupted is moved to fit that. */
        frames[(base + walk->depth) & (FRAME_SLOTS - 1)] = walk->ip + (walk->exact && walk->depth);
        walk->depth += 1;
        if (!step(walk))
            return false;
    }
    return true;
}

/* The registers that the kernel saved when the thread left user space. False in a kernel thread. */
static __always_inline bool saved_registers(struct pt_regs *saved)
{
    void *registers = (void *)bpf_task_pt_regs(bpf_get_current_task_btf());
    return !bpf_probe_read_kernel(saved, sizeof(*saved), registers) && (saved->cs & 3) == 3;
}

static __always_inline bool user_registers(STACK_CONTEXT *ctx, struct walk *walk, u64 *code_segment)
{
    struct pt_regs saved;
#ifdef AT_EVENTS
    if (!saved_registers(&saved))
        return false;
#else
    /* volatile: otherwise the compiler merges both branches' loads through one pointer, which the verifier refuses. */
    volatile struct pt_regs *interrupted = &ctx->regs;
    if ((interrupted->cs & 3) == 3) {
        saved.ip = interrupted->ip;
        saved.sp = interrupted->sp;
        saved.bp = interrupted->bp;
        saved.cs = interrupted->cs;
    } else if (!saved_registers(&saved))
        return false;
#endif
    walk->ip = saved.ip;
    walk->sp = saved.sp;
    walk->bp = saved.bp;
    *code_segment = saved.cs;
    return true;
}

static __always_inline void find_process(struct walk *walk)
{
    u32 tgid = walk->tgid;
    u64 now = bpf_ktime_get_ns();
    struct unwind_process *process = unwind_processes.lookup(&tgid);
    if (process) {
        process->used_ns = now;
        walk->first_mapping = process->first_mapping;
        walk->mappings = process->mappings;
    }
    if (process ? process->mappings || now < process->quiet_until_ns : 0)
        return;
#ifdef WALK_VMA
    /* The kernel's own mappings do for a while: most new processes end soon. */
    u64 quiet_ns = process ? REQUEST_INTERVAL_NS : SETTLED_NS;
#else
    u64 quiet_ns = REQUEST_INTERVAL_NS;
#endif
    struct unwind_process asked = {.used_ns = now, .quiet_until_ns = now + quiet_ns};
    if (process)
        process->quiet_until_ns = asked.quiet_until_ns;
    else if (unwind_processes.update(&tgid, &asked))
        return; /* the table is full; the agent makes room */
    if (quiet_ns == REQUEST_INTERVAL_NS)
        request_tables(tgid, REQUEST_UNKNOWN);
}

/* False when there is nothing to walk; `walk->outcome` says why. */
static __always_inline bool begin_walk(STACK_CONTEXT *ctx, struct walk *walk, u32 tgid)
{
    u64 code_segment = 0;
    walk->mapping_start = walk->mapping_end = 0;
    walk->first_mapping = walk->mappings = walk->depth = 0;
    walk->outcome = WALK_NONE;
    walk->exact = 1;
    walk->done = walk->guessed = 0;
    walk->tgid = tgid;
    if (!user_registers(ctx, walk, &code_segment))
        return false;
    if (code_segment != USER_CODE_64) {
        walk->outcome = WALK_FAILED;
        return false;
    }
#ifdef WALK_VMA
    if (!has_memory())
        return false; /* it is exiting: its stack is gone, only the kernel's is left */
#endif
    find_process(walk);
    return true;
}

#endif
