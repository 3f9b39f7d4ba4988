/* Page faults of processes, by what they wanted to do. */

#define FAULT_WRITE 2 /* X86_PF_WRITE */

TRACEPOINT_PROBE(exceptions, page_fault_user)
{
    if (args->error_code & FAULT_WRITE)
        count_for_process(1, 1);
    else
        count_for_process(0, 1);
    return 0;
}
