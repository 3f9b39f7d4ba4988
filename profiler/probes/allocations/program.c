/*
 * Bytes that the allocator gives, at the end of each call that succeeds. With KEPT they wait in `kept` until they are
 * freed; what is there in the end is read by profiler/agent/sampling/kept_memory.py, which holds the twin of its struct.
 */
#include "values.h"

/* The registers of x86-64's calling convention, as a function is entered and left. */
#define FIRST(ctx) ((ctx)->di)
#define SECOND(ctx) ((ctx)->si)
#define THIRD(ctx) ((ctx)->dx)
#define RESULT(ctx) ((ctx)->ax)

/* What the call that a thread is in was asked for; `place` is where posix_memalign puts the address, `old` is realloc's. */
struct asked {
    u64 bytes;
    u64 place;
    u64 old;
};

struct kept {
    u64 stack;
    u64 bytes;
};

/* By thread. Of allocators that call each other the outermost counts. */
BPF_HASH(asked, u32, struct asked, WAIT_ENTRIES);
/* By address. */
#if KEPT
#define KEPT_ROOM KEPT_ENTRIES
#else
#define KEPT_ROOM 1
#endif
BPF_HASH(kept, u64, struct kept, KEPT_ROOM);

static __always_inline void stack_taken(struct scratch *scratch)
{
    u64 stack = known_stack(scratch), address = scratch->time_ns;
    if (!KEPT) {
        add_value(stack, 0, 0, scratch->value, scratch->epoch);
        return;
    }
    struct kept memory = {.stack = stack, .bytes = scratch->value};
    if (kept.update(&address, &memory)) {
        count_one(scratch->epoch, COUNTER_SAMPLES);
        count_one(scratch->epoch, COUNTER_LOST_MAP_FULL);
    }
}

static __always_inline int begin(u64 bytes, u64 place, u64 old)
{
    struct sample_config *wanted = counting_config();
    struct asked call = {.bytes = bytes, .place = place, .old = old};
    u32 tid = bpf_get_current_pid_tgid();
    if (wanted && begin_stack(wanted))
        asked.insert(&tid, &call);
    return 0;
}

static __always_inline int end(struct pt_regs *ctx)
{
    u32 tid = bpf_get_current_pid_tgid();
    struct asked *begun = asked.lookup(&tid);
    if (!begun)
        return 0;
    struct asked call = *begun;
    asked.delete(&tid);
    u64 address = RESULT(ctx);
    if (call.place && (address || bpf_probe_read_user(&address, sizeof(address), (void *)call.place)))
        return 0;
    if (call.old && (address || !call.bytes))
        kept.delete(&call.old);
    struct sample_config *wanted = counting_config();
    struct scratch *scratch = address && call.bytes && wanted ? begin_stack(wanted) : 0;
    if (!scratch)
        return 0;
    scratch->value = call.bytes;
    scratch->time_ns = address;
    take_stack(ctx, scratch);
    return 0;
}

int at_place_malloc(struct pt_regs *ctx)
{
    return begin(FIRST(ctx), 0, 0);
}

int at_place_calloc(struct pt_regs *ctx)
{
    return begin(FIRST(ctx) * SECOND(ctx), 0, 0);
}

int at_place_realloc(struct pt_regs *ctx)
{
    return begin(SECOND(ctx), 0, FIRST(ctx));
}

int at_place_memalign(struct pt_regs *ctx)
{
    return begin(SECOND(ctx), 0, 0);
}

int at_place_aligned_alloc(struct pt_regs *ctx)
{
    return begin(SECOND(ctx), 0, 0);
}

int at_place_posix_memalign(struct pt_regs *ctx)
{
    return begin(THIRD(ctx), FIRST(ctx), 0);
}

int at_place_end(struct pt_regs *ctx)
{
    return end(ctx);
}

int at_place_free(struct pt_regs *ctx)
{
    u64 address = FIRST(ctx);
    if (KEPT && address)
        kept.delete(&address);
    return 0;
}
