/* The kernel's smoothed round-trip time of a TCP connection, each time that a segment comes in. */
#include "arguments.h"
#include "socket.h"

#define NS_OF_US 1000ULL

RAW_TRACEPOINT_PROBE(tcp_probe)
{
    u64 socket = ARGUMENT(tcp_probe, 0);
#if PORT
    if (local_port_of(socket) != PORT && remote_port_of(socket) != PORT)
        return 0;
#endif
    u32 smoothed = 0;
    READ_KERNEL(smoothed, socket, OFF_TCP_SOCK_SRTT_US);
    /* The kernel keeps it times eight. */
    observe_current(family_of(socket) == AF_INET6, 0, (smoothed >> 3) * NS_OF_US, bpf_ktime_get_ns());
    return 0;
}
