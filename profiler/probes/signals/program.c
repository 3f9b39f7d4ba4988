/* Parameters (-D): SIGNAL, 0 for all. */

struct event {
    u64 at;
    u32 sender;
    u32 target;
    s32 signal;
    s32 code;
    s32 result;
    u32 uid;
    char sender_comm[TASK_COMM_LEN];
    char target_comm[TASK_COMM_LEN];
};

TRACEPOINT_PROBE(signal, signal_generate)
{
    if ((SIGNAL && args->sig != SIGNAL) || !wanted())
        return 0;
    struct event event = {
        .at = bpf_ktime_get_ns(),
        .sender = bpf_get_current_pid_tgid() >> 32,
        .target = args->pid,
        .signal = args->sig,
        .code = args->code,
        .result = args->result,
        .uid = (u32)bpf_get_current_uid_gid(),
    };
    bpf_get_current_comm(event.sender_comm, sizeof(event.sender_comm));
    bpf_probe_read_kernel(event.target_comm, sizeof(event.target_comm), args->comm);
    send_event(&event, sizeof(event));
    return 0;
}
