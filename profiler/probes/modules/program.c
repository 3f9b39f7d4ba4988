/* Modules of the kernel that are loaded and unloaded. */

#include "arguments.h"
#include "read_kernel.h"

#define NAME_BYTES 56 /* MODULE_NAME_LEN on 64 bits */

struct event {
    u64 at;
    u32 pid;
    u32 uid;
    u32 is_load;
    u32 taints;
    char comm[TASK_COMM_LEN];
    char module[NAME_BYTES];
};

static __always_inline int send(u64 module, u32 is_load)
{
    if (!wanted())
        return 0;
    struct event event = {
        .at = bpf_ktime_get_ns(),
        .pid = bpf_get_current_pid_tgid() >> 32,
        .uid = (u32)bpf_get_current_uid_gid(),
        .is_load = is_load,
    };
    bpf_get_current_comm(event.comm, sizeof(event.comm));
    if (is_load)
        READ_KERNEL(event.taints, module, OFF_MODULE_TAINTS);
    bpf_probe_read_kernel_str(event.module, sizeof(event.module), (const void *)(module + OFF_MODULE_NAME));
    send_event(&event, sizeof(event));
    return 0;
}

RAW_TRACEPOINT_PROBE(module_load)
{
    return send(ARGUMENT(module_load, 0), 1);
}

RAW_TRACEPOINT_PROBE(module_free)
{
    return send(ARGUMENT(module_free, 0), 0);
}
