/* From the moment a request is given to a disk until it is done, by disk and operation. */
#include "arguments.h"
#include "block_request.h"

#define REQUESTS 16384

struct issued {
    u64 since;
    u64 stack;
    u32 tgid;
    u32 tid;
    char comm[TASK_COMM_LEN];
};
BPF_HASH(requests, u64, struct issued, REQUESTS);

RAW_TRACEPOINT_PROBE(block_rq_issue)
{
    if (!wanted())
        return 0;
    u64 id = bpf_get_current_pid_tgid(), now = bpf_ktime_get_ns(), request = ARGUMENT(block_rq_issue, 0);
    struct issued issued = {.since = now, .stack = begun_stack(now), .tgid = id >> 32, .tid = id};
    bpf_get_current_comm(issued.comm, sizeof(issued.comm));
    if (!requests.update(&request, &issued))
        return take_begun(ctx, issued.stack);
    histogram_count_lost(LOST_NO_START);
    return 0;
}

RAW_TRACEPOINT_PROBE(block_rq_complete)
{
    u64 request = ARGUMENT(block_rq_complete, 0);
    struct issued *issued = requests.lookup(&request);
    if (!issued)
        return 0;
    u64 now = bpf_ktime_get_ns();
    struct exemplar example = {.time_ns = now, .value = now - issued->since, .tgid = issued->tgid, .tid = issued->tid};
    example.stack = issued->stack;
    example.key.first = device_of(request);
    example.key.second = flags_of(request) & REQUEST_OPERATION;
    __builtin_memcpy(example.comm, issued->comm, sizeof(example.comm));
    requests.delete(&request);
    observe(&example);
    return 0;
}
