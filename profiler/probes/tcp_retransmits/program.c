/* Packets of TCP that are sent again. Parameters (-D): PORT, of either side; 0 for all. */

#define AF_INET 2

struct event {
    u64 at;
    u32 state;
    u32 family;
    u16 local_port;
    u16 remote_port;
    u32 unused;
    u8 local[16];
    u8 remote[16];
};

TRACEPOINT_PROBE(tcp, tcp_retransmit_skb)
{
    if (PORT && args->sport != PORT && args->dport != PORT)
        return 0;
    struct event event = {
        .at = bpf_ktime_get_ns(),
        .state = args->state,
        .family = args->family,
        .local_port = args->sport,
        .remote_port = args->dport,
    };
    if (event.family == AF_INET) {
        bpf_probe_read_kernel(event.local, 4, args->saddr);
        bpf_probe_read_kernel(event.remote, 4, args->daddr);
    } else {
        bpf_probe_read_kernel(event.local, 16, args->saddr_v6);
        bpf_probe_read_kernel(event.remote, 16, args->daddr_v6);
    }
    send_event(&event, sizeof(event));
    return 0;
}
