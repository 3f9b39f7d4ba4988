/* Parameters (-D): MIN_US, what is faster is not sent. */

struct event {
    u64 at;
    u64 took;
    u64 sector;
    u32 device;
    u32 bytes;
    u32 pid;
    s32 error;
    char comm[TASK_COMM_LEN];
    char operation[16];
};

struct request {
    u64 sector;
    u32 device;
    u32 unused;
};

struct issued {
    u64 at;
    u32 bytes;
    u32 pid;
    char comm[TASK_COMM_LEN];
};

/* More than all queues of a machine hold; what finds no room is counted. */
BPF_HASH(requests, struct request, struct issued, 16384);

TRACEPOINT_PROBE(block, block_rq_issue)
{
    if (!wanted())
        return 0;
    struct request request = {.sector = args->sector, .device = args->dev};
    struct issued issued = {
        .at = bpf_ktime_get_ns(),
        .bytes = args->bytes,
        .pid = bpf_get_current_pid_tgid() >> 32,
    };
    bpf_get_current_comm(issued.comm, sizeof(issued.comm));
    if (requests.update(&request, &issued))
        count_lost(LOST_NO_ROOM);
    return 0;
}

TRACEPOINT_PROBE(block, block_rq_complete)
{
    struct request request = {.sector = args->sector, .device = args->dev};
    struct issued *issued = requests.lookup(&request);
    if (!issued)
        return 0;
    u64 now = bpf_ktime_get_ns();
    if (now - issued->at >= MIN_US * 1000ULL) {
        struct event event = {
            .at = issued->at,
            .took = now - issued->at,
            .sector = request.sector,
            .device = request.device,
            .bytes = issued->bytes,
            .pid = issued->pid,
            .error = args->error,
        };
        bpf_probe_read_kernel(event.comm, sizeof(event.comm), issued->comm);
        bpf_probe_read_kernel_str(event.operation, sizeof(args->rwbs), args->rwbs);
        send_event(&event, sizeof(event));
    }
    requests.delete(&request);
    return 0;
}
