/* Modules of the kernel that are loaded and unloaded. */

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

static __always_inline int send(const char *name, u32 is_load, u32 taints)
{
    if (!wanted())
        return 0;
    struct event event = {
        .at = bpf_ktime_get_ns(),
        .pid = bpf_get_current_pid_tgid() >> 32,
        .uid = (u32)bpf_get_current_uid_gid(),
        .is_load = is_load,
        .taints = taints,
    };
    bpf_get_current_comm(event.comm, sizeof(event.comm));
    bpf_probe_read_kernel_str(event.module, sizeof(event.module), name);
    send_event(&event, sizeof(event));
    return 0;
}

TRACEPOINT_PROBE(module, module_load)
{
    return send((const char *)args + (args->data_loc_name & 0xffff), 1, args->taints);
}

TRACEPOINT_PROBE(module, module_free) { return send((const char *)args + (args->data_loc_name & 0xffff), 0, 0); }
