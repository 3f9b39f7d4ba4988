/* Bytes over sockets of IP, by process. */
#include "arguments.h"
#include "socket.h"

#define MSG_PEEK 2 /* what is only looked at is received later */

static __always_inline bool over_a_network(u64 socket)
{
    u16 family = family_of(socket);
    return family == AF_INET || family == AF_INET6;
}

RAW_TRACEPOINT_PROBE(sock_send_length)
{
    s32 bytes = ARGUMENT(sock_send_length, 1);
    if (bytes <= 0 || !over_a_network(ARGUMENT(sock_send_length, 0)))
        return 0;
    count_for_process(0, bytes);
    count_for_process(2, 1);
    return 0;
}

RAW_TRACEPOINT_PROBE(sock_recv_length)
{
    s32 bytes = ARGUMENT(sock_recv_length, 1);
    u32 flags = ARGUMENT(sock_recv_length, 2);
    if (bytes <= 0 || (flags & MSG_PEEK) || !over_a_network(ARGUMENT(sock_recv_length, 0)))
        return 0;
    count_for_process(1, bytes);
    count_for_process(3, 1);
    return 0;
}
