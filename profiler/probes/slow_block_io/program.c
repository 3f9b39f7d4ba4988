/* Parameters (-D): MIN_US, what is faster is not sent. */

#include "arguments.h"
#include "block_request.h"

/* The flags that the reader names, in __init__.py. */
enum told_flag { FLUSH = 1, AHEAD = 2, SYNCHRONOUS = 4, METADATA = 8 };
#define FLAG(name) (1U << ENUM___REQ_##name)
/* From here on operations are a driver's own, and have no place on the disk. */
#define FIRST_OF_DRIVERS 34

struct event {
    u64 at;
    u64 took;
    u64 sector;
    u32 device;
    u32 bytes;
    u32 pid;
    s32 error; /* an errno, negative; since Linux 5.16 one of the block layer's own numbers */
    u32 operation;
    u32 flags;
    char comm[TASK_COMM_LEN];
};

struct issued {
    u64 at;
    u32 bytes;
    u32 pid;
    char comm[TASK_COMM_LEN];
};

/* More than all queues of a machine hold; what finds no room is counted. */
BPF_HASH(requests, u64, struct issued, 16384);

static __always_inline u32 told_flags(u32 flags)
{
    u32 told = flags & (FLAG(PREFLUSH) | FLAG(FUA)) ? FLUSH : 0;
    told |= flags & FLAG(RAHEAD) ? AHEAD : 0;
    told |= flags & FLAG(SYNC) ? SYNCHRONOUS : 0;
    return told | (flags & FLAG(META) ? METADATA : 0);
}

/* A flush has none. */
static __always_inline u64 sector_of(u64 request, u32 operation)
{
    u64 sector = pointer_at(request + OFF_REQUEST___SECTOR);
    return sector == ~0ULL || operation >= FIRST_OF_DRIVERS ? 0 : sector;
}

RAW_TRACEPOINT_PROBE(block_rq_issue)
{
    if (!wanted())
        return 0;
    u64 request = ARGUMENT(block_rq_issue, 0);
    struct issued issued = {.at = bpf_ktime_get_ns(), .pid = bpf_get_current_pid_tgid() >> 32};
    READ_KERNEL(issued.bytes, request, OFF_REQUEST___DATA_LEN);
    bpf_get_current_comm(issued.comm, sizeof(issued.comm));
    if (requests.update(&request, &issued))
        count_lost(LOST_NO_ROOM);
    return 0;
}

RAW_TRACEPOINT_PROBE(block_rq_complete)
{
    u64 request = ARGUMENT(block_rq_complete, 0);
    struct issued *issued = requests.lookup(&request);
    if (!issued)
        return 0;
    u64 now = bpf_ktime_get_ns();
    if (now - issued->at >= MIN_US * 1000ULL) {
        u32 flags = flags_of(request), operation = flags & REQUEST_OPERATION;
        struct event event = {
            .at = issued->at,
            .took = now - issued->at,
            .sector = sector_of(request, operation),
            .device = device_of(request),
            .bytes = issued->bytes,
            .pid = issued->pid,
            .error = ARGUMENT(block_rq_complete, 1),
            .operation = operation,
            .flags = told_flags(flags),
        };
        bpf_probe_read_kernel(event.comm, sizeof(event.comm), issued->comm);
        send_event(&event, sizeof(event));
    }
    requests.delete(&request);
    return 0;
}
