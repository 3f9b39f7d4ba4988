/* The time from contention_begin to contention_end of a lock, at the stack where it began. */
#include "arguments.h"
#include "values.h"

#define US 1000ULL

/* Flags of include/trace/events/lock.h. */
#define LCB_F_SPIN 1
#define LCB_F_READ 2
#define LCB_F_WRITE 4
#define LCB_F_RT 8
#define LCB_F_PERCPU 16
#define LCB_F_MUTEX 32

/* The states that the declaration names. */
enum lock_state {
    LOCK_SPIN = 1,
    LOCK_RW = 2,
    LOCK_MUTEX = 3,
    LOCK_READ = 4,
    LOCK_WRITE = 5,
    LOCK_PERCPU = 6,
    LOCK_RT = 7,
    LOCK_OTHER = 8,
};

/* A task waits for a lock; in an interrupt it may for another one. The idle tasks all have thread 0. */
struct contention_key {
    u64 lock;
    u32 tid;
    u32 cpu_of_idle;
};

struct contention {
    u64 since_ns;
    u64 stack;
    u64 state;
};

BPF_HASH(contentions, struct contention_key, struct contention, WAIT_ENTRIES);

static __always_inline struct contention_key contention_key(u64 lock, u32 tid)
{
    struct contention_key key = {.lock = lock, .tid = tid, .cpu_of_idle = tid ? 0 : bpf_get_smp_processor_id()};
    return key;
}

static __always_inline u32 lock_state(u32 flags)
{
    if (flags & LCB_F_MUTEX)
        return LOCK_MUTEX;
    if (flags & LCB_F_PERCPU)
        return LOCK_PERCPU;
    if (flags & LCB_F_SPIN)
        return flags & (LCB_F_READ | LCB_F_WRITE) ? LOCK_RW : LOCK_SPIN;
    if (flags & LCB_F_READ)
        return LOCK_READ;
    if (flags & LCB_F_WRITE)
        return LOCK_WRITE;
    return flags & LCB_F_RT ? LOCK_RT : LOCK_OTHER;
}

static __always_inline void stack_taken(struct scratch *scratch)
{
    struct contention_key key = contention_key(scratch->value, scratch->event.tid);
    struct contention begun = {.since_ns = scratch->time_ns, .stack = known_stack(scratch), .state = scratch->state};
    if (contentions.update(&key, &begun)) {
        count_one(scratch->epoch, COUNTER_SAMPLES);
        count_one(scratch->epoch, COUNTER_LOST_MAP_FULL);
    }
}

RAW_TRACEPOINT_PROBE(contention_begin)
{
    struct sample_config *wanted = counting_config();
    struct scratch *scratch = wanted ? begin_stack(wanted) : 0;
    if (!scratch)
        return 0;
    scratch->time_ns = bpf_ktime_get_ns();
    scratch->value = ARGUMENT(contention_begin, 0);
    scratch->state = lock_state(ARGUMENT(contention_begin, 1));
    take_stack(ctx, scratch);
    return 0;
}

RAW_TRACEPOINT_PROBE(contention_end)
{
    struct contention_key key = contention_key(ARGUMENT(contention_end, 0), bpf_get_current_pid_tgid());
    struct contention *begun = contentions.lookup(&key);
    if (!begun)
        return 0;
    struct sample_config *wanted = counting_config();
    u64 length = bpf_ktime_get_ns() - begun->since_ns;
    if (wanted && length >= LEAST_US * US)
        add_value(begun->stack, begun->state, 0, length, wanted->epoch & 1);
    contentions.delete(&key);
    return 0;
}
