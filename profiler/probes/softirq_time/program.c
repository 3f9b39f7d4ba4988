/* How long each run of a soft interrupt takes, by its kind. */
#include "arguments.h"

BPF_PERCPU_ARRAY(softirq_since, u64, 1);

RAW_TRACEPOINT_PROBE(softirq_entry)
{
    u32 zero = 0;
    u64 *since = softirq_since.lookup(&zero);
    if (since)
        *since = bpf_ktime_get_ns();
    return 0;
}

RAW_TRACEPOINT_PROBE(softirq_exit)
{
    u32 zero = 0;
    u64 now = bpf_ktime_get_ns(), *since = softirq_since.lookup(&zero);
    if (!since || !*since)
        return 0;
    u64 length = now - *since;
    *since = 0;
    return observe_here(ctx, (u32)ARGUMENT(softirq_exit, 0), 0, length, now);
}
