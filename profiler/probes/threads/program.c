/* Parameters (-D): PROCESSES, whether new processes are sent too. */

#define CLONE_THREAD 0x00010000

struct event {
    u64 at;
    u32 pid;
    u32 thread;
    u32 uid;
    u32 is_process;
    char comm[TASK_COMM_LEN];
};

TRACEPOINT_PROBE(task, task_newtask)
{
    u32 is_process = !(args->clone_flags & CLONE_THREAD);
    if ((is_process && !PROCESSES) || !wanted())
        return 0;
    struct event event = {
        .at = bpf_ktime_get_ns(),
        .pid = bpf_get_current_pid_tgid() >> 32,
        .thread = args->pid,
        .uid = (u32)bpf_get_current_uid_gid(),
        .is_process = is_process,
    };
    bpf_get_current_comm(event.comm, sizeof(event.comm));
    send_event(&event, sizeof(event));
    return 0;
}
