/* Parameters (-D): SIGNAL, 0 for all. */

#include "arguments.h"
#include "read_kernel.h"

/* What stands for a signal's origin where it has none (SEND_SIG_NOINFO, SEND_SIG_PRIV of linux/sched/signal.h). */
#define NO_INFO 0
#define FROM_KERNEL 1
#define SI_USER 0
#define SI_KERNEL 0x80

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

static __always_inline s32 code_of(u64 info)
{
    s32 code = 0;
    if (info == NO_INFO || info == FROM_KERNEL)
        return info == FROM_KERNEL ? SI_KERNEL : SI_USER;
    READ_KERNEL(code, info, OFF_KERNEL_SIGINFO_SI_CODE);
    return code;
}

RAW_TRACEPOINT_PROBE(signal_generate)
{
    s32 signal = ARGUMENT(signal_generate, 0);
    u64 target = ARGUMENT(signal_generate, 2);
    if ((SIGNAL && signal != SIGNAL) || !wanted())
        return 0;
    struct event event = {
        .at = bpf_ktime_get_ns(),
        .sender = bpf_get_current_pid_tgid() >> 32,
        .signal = signal,
        .code = code_of(ARGUMENT(signal_generate, 1)),
        .result = ARGUMENT(signal_generate, 4),
        .uid = (u32)bpf_get_current_uid_gid(),
    };
    bpf_get_current_comm(event.sender_comm, sizeof(event.sender_comm));
    READ_KERNEL(event.target, target, OFF_TASK_STRUCT_PID);
    READ_KERNEL(event.target_comm, target, OFF_TASK_STRUCT_COMM);
    send_event(&event, sizeof(event));
    return 0;
}
