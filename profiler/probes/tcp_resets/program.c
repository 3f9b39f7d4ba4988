/* Connections of TCP that are broken off: resets that come, and those that are sent for a known connection. */

#include "arguments.h"
#include "socket.h"

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

static __always_inline int send(u64 socket, u32 direction)
{
    struct event event = {
        .at = bpf_ktime_get_ns(),
        .direction = direction,
        .family = family_of(socket),
        .local_port = local_port_of(socket),
        .remote_port = remote_port_of(socket),
    };
    read_addresses(socket, event.family, event.local, event.remote);
    send_event(&event, sizeof(event));
    return 0;
}

RAW_TRACEPOINT_PROBE(tcp_receive_reset)
{
    return send(ARGUMENT(tcp_receive_reset, 0), RESET_RECEIVED);
}

/* Without a socket it answers a packet for a port where nobody listens. */
RAW_TRACEPOINT_PROBE(tcp_send_reset)
{
    u64 socket = ARGUMENT(tcp_send_reset, 0);
    return socket ? send(socket, RESET_SENT) : 0;
}
