/* Parameters (-D): PROCESSES, whether new processes are sent too. */

#include "arguments.h"
#include "read_kernel.h"

#define CLONE_THREAD 0x00010000

struct event {
    u64 at;
    u32 pid;
    u32 thread;
    u32 uid;
    u32 is_process;
    char comm[TASK_COMM_LEN];
};

RAW_TRACEPOINT_PROBE(task_newtask)
{
    u32 is_process = !(ARGUMENT(task_newtask, 1) & CLONE_THREAD);
    if ((is_process && !PROCESSES) || !wanted())
        return 0;
    struct event event = {
        .at = bpf_ktime_get_ns(),
        .pid = bpf_get_current_pid_tgid() >> 32,
        .uid = (u32)bpf_get_current_uid_gid(),
        .is_process = is_process,
    };
    READ_KERNEL(event.thread, ARGUMENT(task_newtask, 0), OFF_TASK_STRUCT_PID);
    bpf_get_current_comm(event.comm, sizeof(event.comm));
    send_event(&event, sizeof(event));
    return 0;
}
