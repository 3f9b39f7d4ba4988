/*
 * On-CPU samples: counts per stack in the kernel, each new stack sent once, and the time and CPU of each sample.
 *
 * Parameters (-D): those of stack_walk.h, targets.h and cgroup_id.h; INCLUDE_IDLE switches a part on; NO_TIMES leaves times out, to
 * measure what they cost; COUNT_ENTRIES, RING_PAGES, TIME_PAGES, MAX_TARGETS, MAX_CGROUP_TASKS and MAX_FOLLOWED are sizes.
 *
 * Epochs: the lowest bit of every key is the epoch it was counted in. The reader flips the epoch, waits until no
 * program of the old one can be running, and then owns the old epoch's keys and counters alone. So the counts of an
 * epoch plus its losses equal its samples exactly, and each time belongs to a count of its epoch.
 */
#include "stack_walk.h"

BPF_HASH(counts, u64, u64, COUNT_ENTRIES);
#ifndef NO_TIMES
BPF_RINGBUF_OUTPUT(times, TIME_PAGES);
#endif

/*
 * False when the sample is lost, which is counted. A stack is sent before it is counted: a counted stack is then always
 * known to the reader, even when the ring is full.
 */
static __always_inline bool count_stack(struct scratch *scratch, u64 epoch)
{
    u64 key = scratch->event.hash, one = 1;
    u64 *count = counts.lookup(&key);
    if (!count) {
        if (!send_stack(scratch)) {
            count_one(epoch, COUNTER_LOST_RING_FULL);
            return false;
        }
        long error = counts.insert(&key, &one);
        if (!error)
            return true;
        /* The idle task has one tid on every CPU: another CPU may have inserted the same key just now. */
        count = counts.lookup(&key);
        if (!count) {
            count_one(epoch, error == -E2BIG ? COUNTER_LOST_MAP_FULL : COUNTER_LOST_MAP_BUSY);
            return false;
        }
    }
    __sync_fetch_and_add(count, 1);
    return true;
}

static __always_inline void send_time(const struct scratch *scratch)
{
#ifndef NO_TIMES
    u64 when = scratch->time_ns >> TIME_SHIFT << CPU_BITS | bpf_get_smp_processor_id();
    struct sample_time sample_time = {.when = when, .key = scratch->event.hash};
    if (times.ringbuf_output(&sample_time, sizeof(sample_time), BPF_RB_NO_WAKEUP))
        count_one(scratch->epoch, COUNTER_NO_TIME);
#endif
}

static __always_inline void stack_taken(struct scratch *scratch)
{
    scratch->event.hash = (stack_hash(scratch) & ~1ULL) | scratch->epoch;
    if (count_stack(scratch, scratch->epoch))
        send_time(scratch);
}

int sample(struct bpf_perf_event_data *ctx)
{
    u32 zero = 0;
    struct scratch *scratch = scratch_space.lookup(&zero);
    struct sample_config *wanted = config.lookup(&zero);
    if (!scratch || !wanted || !take_task(scratch, wanted))
        return 0;
    count_one(scratch->epoch, COUNTER_SAMPLES);
#ifndef NO_TIMES
    scratch->time_ns = bpf_ktime_get_ns();
#endif
    take_stack(ctx, scratch);
    return 0;
}
