/* From the entry of a system call to its return, by call. Calls that never return (exit) are not counted. */
#define THREADS 65536
#define NR_EXIT 60
#define NR_EXIT_GROUP 231

struct entered {
    u64 since;
    s64 number;
};
BPF_HASH(calls, u64, struct entered, THREADS);

TRACEPOINT_PROBE(raw_syscalls, sys_enter)
{
    if (args->id < 0 || args->id == NR_EXIT || args->id == NR_EXIT_GROUP || !wanted())
        return 0;
    u64 id = bpf_get_current_pid_tgid();
    struct entered entered = {.since = bpf_ktime_get_ns(), .number = args->id};
    if (calls.update(&id, &entered))
        histogram_count_lost(LOST_NO_START);
    return 0;
}

TRACEPOINT_PROBE(raw_syscalls, sys_exit)
{
    u64 id = bpf_get_current_pid_tgid();
    struct entered *entered = calls.lookup(&id);
    if (!entered)
        return 0;
    u64 now = bpf_ktime_get_ns(), since = entered->since;
    s64 number = entered->number;
    calls.delete(&id);
    /* Anything else is the return of a call whose entry was not seen; a signal's handler returns as a call of its own. */
    if (number == args->id)
        observe_current(number, 0, now - since, now);
    return 0;
}
