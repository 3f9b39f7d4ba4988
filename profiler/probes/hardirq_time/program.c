/* How long each run of a device's interrupt handler takes, by the handler's name. */
#include "arguments.h"
#include "read_kernel.h"

struct handled {
    u64 since;
    struct histogram_key name;
};
BPF_PERCPU_ARRAY(handlers, struct handled, 1);

RAW_TRACEPOINT_PROBE(irq_handler_entry)
{
    u32 zero = 0;
    struct handled *handled = handlers.lookup(&zero);
    if (!handled)
        return 0;
    struct histogram_key name = {};
    const void *text = (const void *)pointer_at(ARGUMENT(irq_handler_entry, 1) + OFF_IRQACTION_NAME);
    bpf_probe_read_kernel_str(&name, sizeof(name), text);
    handled->name = name;
    handled->since = bpf_ktime_get_ns();
    return 0;
}

RAW_TRACEPOINT_PROBE(irq_handler_exit)
{
    u32 zero = 0;
    u64 now = bpf_ktime_get_ns();
    struct handled *handled = handlers.lookup(&zero);
    if (!handled || !handled->since)
        return 0;
    u64 since = handled->since;
    handled->since = 0;
    return observe_here(ctx, handled->name.first, handled->name.second, now - since, now);
}
