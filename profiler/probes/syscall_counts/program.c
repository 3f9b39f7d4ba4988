/* System calls, by process. */

RAW_TRACEPOINT_PROBE(sys_enter)
{
    count_for_process(0, 1);
    return 0;
}
