/* From the first SYN of an outgoing connection until it stands or has failed. */
#include "arguments.h"

#define CONNECTIONS 16384
/* The kernel's numbers of TCP states. */
#define ESTABLISHED 1
#define SYN_SENT 2

struct connecting {
    u64 since;
    u64 stack;
    u32 tgid;
    u32 tid;
    char comm[TASK_COMM_LEN];
};
BPF_HASH(connections, u64, struct connecting, CONNECTIONS);

static __always_inline int begin(void *ctx, u64 socket)
{
    u64 id = bpf_get_current_pid_tgid(), now = bpf_ktime_get_ns();
    struct connecting connecting = {.since = now, .stack = begun_stack(now), .tgid = id >> 32, .tid = id};
    bpf_get_current_comm(connecting.comm, sizeof(connecting.comm));
    if (!connections.update(&socket, &connecting))
        return take_begun(ctx, connecting.stack);
    histogram_count_lost(LOST_NO_START);
    return 0;
}

static __always_inline int end(u64 socket, bool established)
{
    struct connecting *begun = connections.lookup(&socket);
    if (!begun)
        return 0;
    u64 now = bpf_ktime_get_ns();
    struct exemplar example = {.time_ns = now, .value = now - begun->since, .tgid = begun->tgid, .tid = begun->tid};
    example.stack = begun->stack;
    example.key.first = established;
    __builtin_memcpy(example.comm, begun->comm, sizeof(example.comm));
    connections.delete(&socket);
    observe(&example);
    return 0;
}

RAW_TRACEPOINT_PROBE(inet_sock_set_state)
{
    u64 socket = ARGUMENT(inet_sock_set_state, 0);
    u32 before = ARGUMENT(inet_sock_set_state, 1), now = ARGUMENT(inet_sock_set_state, 2);
    if (now == SYN_SENT && wanted())
        return begin(ctx, socket);
    return before == SYN_SENT ? end(socket, now == ESTABLISHED) : 0;
}
