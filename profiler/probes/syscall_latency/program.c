/* From the entry of a system call to its return, by call. Calls that never return (exit) are not counted. */
#include "system_call.h"

#define THREADS 65536
#define NR_EXIT 60
#define NR_EXIT_GROUP 231

struct entered {
    u64 since;
    u64 number;
};
BPF_HASH(calls, u64, struct entered, THREADS);

RAW_TRACEPOINT_PROBE(sys_enter)
{
    u32 number = CALL_ENTERED;
    if (number == NO_CALL || number == NR_EXIT || number == NR_EXIT_GROUP || !wanted() || !is_of_64_bits())
        return 0;
    u64 id = bpf_get_current_pid_tgid();
    struct entered entered = {.since = bpf_ktime_get_ns(), .number = number};
    if (calls.update(&id, &entered))
        histogram_count_lost(LOST_NO_START);
    return 0;
}

RAW_TRACEPOINT_PROBE(sys_exit)
{
    u64 id = bpf_get_current_pid_tgid();
    struct entered *entered = calls.lookup(&id);
    if (!entered)
        return 0;
    u64 now = bpf_ktime_get_ns(), since = entered->since, number = entered->number;
    calls.delete(&id);
    /* Anything else is the return of a call whose entry was not seen; a signal's handler returns as a call of its own. */
    return number == CALL_ENDED ? observe_here(ctx, number, 0, now - since, now) : 0;
}
