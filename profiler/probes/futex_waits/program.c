/* The time from a futex call that waits to its end, where it has the stack that it began with. */
#include "event_value.h"

#define US 1000ULL

/* include/uapi/linux/futex.h; flags are above the command. */
#define FUTEX_COMMAND 0x7F
#define FUTEX_WAIT 0
#define FUTEX_LOCK_PI 6
#define FUTEX_WAIT_BITSET 9
#define FUTEX_WAIT_REQUEUE_PI 11
#define FUTEX_LOCK_PI2 13

BPF_HASH(futex_since, u32, u64, WAIT_ENTRIES);

static __always_inline bool waits(u32 command)
{
    return command == FUTEX_WAIT || command == FUTEX_WAIT_BITSET || command == FUTEX_LOCK_PI ||
           command == FUTEX_LOCK_PI2 || command == FUTEX_WAIT_REQUEUE_PI;
}

TRACEPOINT_PROBE(syscalls, sys_enter_futex)
{
    u32 tid = bpf_get_current_pid_tgid();
    u64 now = bpf_ktime_get_ns();
    if (waits(args->op & FUTEX_COMMAND) && is_recorded())
        futex_since.update(&tid, &now);
    return 0;
}

TRACEPOINT_PROBE(syscalls, sys_exit_futex)
{
    u32 tid = bpf_get_current_pid_tgid();
    u64 *since = futex_since.lookup(&tid);
    if (!since)
        return 0;
    u64 length = bpf_ktime_get_ns() - *since;
    futex_since.delete(&tid);
    return length < LEAST_US * US ? 0 : add_here(args, length, 0);
}
