/* Packets of TCP that are sent again. Parameters (-D): PORT, of either side; 0 for all. */

#include "arguments.h"
#include "socket.h"

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

RAW_TRACEPOINT_PROBE(tcp_retransmit_skb)
{
    u64 socket = ARGUMENT(tcp_retransmit_skb, 0);
    u8 state = 0;
    struct event event = {
        .family = family_of(socket),
        .local_port = local_port_of(socket),
        .remote_port = remote_port_of(socket),
    };
    if (PORT && event.local_port != PORT && event.remote_port != PORT)
        return 0;
    READ_KERNEL(state, socket, OFF_SOCK___SK_COMMON_SKC_STATE);
    event.at = bpf_ktime_get_ns();
    event.state = state;
    read_addresses(socket, event.family, event.local, event.remote);
    send_event(&event, sizeof(event));
    return 0;
}
