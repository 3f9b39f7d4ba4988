/* From the first SYN of an outgoing connection until it stands or has failed. */
#include "arguments.h"

#define CONNECTIONS 16384
/* The kernel's numbers of TCP states. */
#define ESTABLISHED 1
#define SYN_SENT 2

struct connecting {
    u64 since;
    u32 tgid;
    u32 tid;
    char comm[TASK_COMM_LEN];
};
BPF_HASH(connections, u64, struct connecting, CONNECTIONS);

static __always_inline void begin(u64 socket)
{
    u64 id = bpf_get_current_pid_tgid();
    struct connecting connecting = {.since = bpf_ktime_get_ns(), .tgid = id >> 32, .tid = id};
    bpf_get_current_comm(connecting.comm, sizeof(connecting.comm));
    if (connections.update(&socket, &connecting))
        histogram_count_lost(LOST_NO_START);
}

static __always_inline void end(u64 socket, bool established)
{
    struct connecting *begun = connections.lookup(&socket);
    if (!begun)
        return;
    u64 now = bpf_ktime_get_ns();
    struct exemplar example = {.time_ns = now, .value = now - begun->since, .tgid = begun->tgid, .tid = begun->tid};
    example.key.first = established;
    __builtin_memcpy(example.comm, begun->comm, sizeof(example.comm));
    connections.delete(&socket);
    observe(&example);
}

RAW_TRACEPOINT_PROBE(inet_sock_set_state)
{
    u64 socket = ARGUMENT(inet_sock_set_state, 0);
    u32 before = ARGUMENT(inet_sock_set_state, 1), now = ARGUMENT(inet_sock_set_state, 2);
    if (now == SYN_SENT && wanted())
        begin(socket);
    else if (before == SYN_SENT)
        end(socket, now == ESTABLISHED);
    return 0;
}
