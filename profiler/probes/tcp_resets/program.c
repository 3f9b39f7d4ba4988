/* Connections of TCP that are broken off: resets that come, and those that are sent for a known connection. */

/* The event of newer kernels has one; BCC needs to know it to make the event's struct. */
enum sk_rst_reason {
    RESET_REASON_UNKNOWN,
};

#define AF_INET 2
#define AF_INET6 10

enum direction {
    RESET_RECEIVED = 1,
    RESET_SENT = 2,
};

struct event {
    u64 at;
    u32 direction;
    u32 family;
    u16 local_port;
    u16 remote_port;
    u32 unused;
    u8 local[16];
    u8 remote[16];
};

TRACEPOINT_PROBE(tcp, tcp_receive_reset)
{
    struct event event = {
        .at = bpf_ktime_get_ns(),
        .direction = RESET_RECEIVED,
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

/*
 * The addresses stand in the event as struct sockaddr_in or sockaddr_in6 where the kernel is new enough (6.1 has ports and
 * plain addresses there); the socket itself has them in all.
 */
TRACEPOINT_PROBE(tcp, tcp_send_reset)
{
    u64 sock = (u64)args->skaddr;
    if (!sock) /* a packet for a port where nobody listens */
        return 0;
    u16 family = 0, local_port = 0, remote_port = 0;
    struct event event = {.at = bpf_ktime_get_ns(), .direction = RESET_SENT};
    bpf_probe_read_kernel(&family, sizeof(family), (void *)(sock + OFF_SOCK___SK_COMMON_SKC_FAMILY));
    /* Not skc_num, which is already given back when a program breaks off. */
    bpf_probe_read_kernel(&local_port, 2, (void *)(sock + OFF_INET_SOCK_INET_SPORT));
    bpf_probe_read_kernel(&remote_port, 2, (void *)(sock + OFF_SOCK___SK_COMMON_SKC_DPORT));
    event.local_port = local_port << 8 | local_port >> 8;
    event.remote_port = remote_port << 8 | remote_port >> 8;
    event.family = family;
    if (family == AF_INET) {
        bpf_probe_read_kernel(event.local, 4, (void *)(sock + OFF_SOCK___SK_COMMON_SKC_RCV_SADDR));
        bpf_probe_read_kernel(event.remote, 4, (void *)(sock + OFF_SOCK___SK_COMMON_SKC_DADDR));
    } else if (family == AF_INET6) {
        bpf_probe_read_kernel(event.local, 16, (void *)(sock + OFF_SOCK___SK_COMMON_SKC_V6_RCV_SADDR));
        bpf_probe_read_kernel(event.remote, 16, (void *)(sock + OFF_SOCK___SK_COMMON_SKC_V6_DADDR));
    }
    send_event(&event, sizeof(event));
    return 0;
}
