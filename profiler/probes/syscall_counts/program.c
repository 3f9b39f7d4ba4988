/* System calls, by process. */

TRACEPOINT_PROBE(raw_syscalls, sys_enter)
{
    count_for_process(0, 1);
    return 0;
}
