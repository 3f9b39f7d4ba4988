/* From the moment a request is given to a disk until it is done, by disk and operation. */
#define REQUESTS 16384

struct request_key {
    u64 sector;
    u64 dev;
};
struct issued {
    u64 since;
    u32 tgid;
    u32 tid;
    char comm[TASK_COMM_LEN];
};
BPF_HASH(requests, struct request_key, struct issued, REQUESTS);

/* `F` in front says that the disk's cache is flushed first; alone it is the whole request. */
static __always_inline u64 operation(const char *rwbs)
{
    return rwbs[0] == 'F' && rwbs[1] >= 'A' ? rwbs[1] : rwbs[0];
}

TRACEPOINT_PROBE(block, block_rq_issue)
{
    if (!wanted())
        return 0;
    u64 id = bpf_get_current_pid_tgid();
    struct request_key key = {.sector = args->sector, .dev = args->dev};
    struct issued issued = {.since = bpf_ktime_get_ns(), .tgid = id >> 32, .tid = id};
    bpf_get_current_comm(issued.comm, sizeof(issued.comm));
    if (requests.update(&key, &issued))
        histogram_count_lost(LOST_NO_START);
    return 0;
}

TRACEPOINT_PROBE(block, block_rq_complete)
{
    struct request_key key = {.sector = args->sector, .dev = args->dev};
    struct issued *issued = requests.lookup(&key);
    if (!issued)
        return 0;
    u64 now = bpf_ktime_get_ns();
    struct exemplar example = {.time_ns = now, .value = now - issued->since, .tgid = issued->tgid, .tid = issued->tid};
    example.key.first = args->dev;
    example.key.second = operation(args->rwbs);
    __builtin_memcpy(example.comm, issued->comm, sizeof(example.comm));
    requests.delete(&key);
    observe(&example);
    return 0;
}
