/*
 * Context switches of processes: whether a thread gave its CPU up, or could have gone on. A raw tracepoint's arguments: whether
 * the thread is put aside for another, who leaves (it still is the one that runs), who comes, and the state (Linux 5.18).
 */

RAW_TRACEPOINT_PROBE(sched_switch)
{
    bool preempted = ctx->args[0];
    u32 state = ctx->args[3];
    if (!(u32)bpf_get_current_pid_tgid())
        return 0; /* a CPU that had nothing to do */
    if (!preempted && state)
        count_for_process(0, 1);
    else
        count_for_process(1, 1);
    return 0;
}
