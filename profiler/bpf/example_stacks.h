/*
 * Stacks of a histogram's examples. They are walked only of events that are kept, and sent before the example that has
 * their number; the walk is that of all stacks (stack_walk.h), its tables are those of the agent's one walk (walk_tables.c).
 *
 * Parameters (-D): EXAMPLE_STACKS, without which there are none, and BACK_ON_CPU, when the kernel tells that a thread is back.
 */
#ifndef WEBPROF_EXAMPLE_STACKS_H
#define WEBPROF_EXAMPLE_STACKS_H

/* A stack that has to be taken before anybody knows whether its event will be kept: so many of each CPU, 100 a second. */
#define STACK_INTERVAL_NS 10000000ULL
/* A stack's number is its time above its CPU: larger than any reason for having none. */
#define STACK_CPU_BITS 10

#ifdef EXAMPLE_STACKS
BPF_PERCPU_ARRAY(example_space, struct exemplar, 1);
BPF_PERCPU_ARRAY(stack_turns, u64, 1);

static __always_inline void stack_taken(struct scratch *scratch)
{
    u32 zero = 0;
    bool sent = send_stack(scratch);
    struct exemplar *example = example_space.lookup(&zero);
    if (!example || !scratch->state)
        return;
    if (!sent)
        example->stack = STACK_NO_ROOM;
    send_example(example);
}

static __always_inline u64 stack_number(u64 now)
{
    return now << STACK_CPU_BITS | (bpf_get_smp_processor_id() & ((1 << STACK_CPU_BITS) - 1));
}

/* The walk's memory when somebody reads stacks. */
static __always_inline struct scratch *begin_example(u64 number, bool sends_example)
{
    u32 zero = 0;
    struct sample_config *wanted = config.lookup(&zero);
    struct scratch *scratch = scratch_space.lookup(&zero);
    if (!wanted || !wanted->following || !scratch)
        return 0;
    take_ids(scratch, wanted);
    scratch->event.hash = number;
    scratch->state = sends_example;
    return scratch;
}
#endif

/* Sends an example with the stack of the thread that runs now. The last thing that a program does. */
static __always_inline void send_with_stack(void *ctx, struct exemplar *example)
{
    example->stack = STACK_NOT_READY;
#ifdef EXAMPLE_STACKS
    u32 zero = 0;
    u64 number = stack_number(example->time_ns);
    struct exemplar *kept = example_space.lookup(&zero);
    struct scratch *scratch = begin_example(number, true);
    if (kept && scratch) {
        *kept = *example;
        kept->stack = number;
        take_stack(ctx, scratch);
        return;
    }
#endif
    send_example(example);
}

/* Counts an event of the thread that runs now, and whose stack tells of it. The last thing that a program does. */
static __always_inline int observe_here(void *ctx, u64 first, u64 second, u64 value, u64 now)
{
    struct exemplar example = current_example(first, second, value, now);
    if (count_event(&example))
        send_with_stack(ctx, &example);
    return 0;
}

/*
 * For an event that begins now and whose stack tells nothing when it ends: what its example's `stack` will be. The program
 * keeps it, and ends with `take_begun`.
 */
static __always_inline u64 begun_stack(u64 now)
{
#ifdef EXAMPLE_STACKS
    u32 zero = 0;
    struct sample_config *wanted = config.lookup(&zero);
    u64 *turn = stack_turns.lookup(&zero);
    if (wanted && wanted->following && turn) {
        if (now < *turn)
            return STACK_NO_TURN;
        *turn = now + STACK_INTERVAL_NS;
        return stack_number(now);
    }
#endif
    return STACK_NOT_READY;
}

/* `stack` is of `begun_stack`. The last thing that a program does. */
static __always_inline int take_begun(void *ctx, u64 stack)
{
#ifdef EXAMPLE_STACKS
    struct scratch *scratch = stack > NO_STACK_LAST ? begin_example(stack, false) : 0;
    if (scratch)
        take_stack(ctx, scratch);
#endif
    return 0;
}

#endif
