/* Bytes over sockets of IP, by process. */

#define AF_INET 2
#define AF_INET6 10
#define MSG_PEEK 2 /* what is only looked at is received later */

static __always_inline bool over_a_network(u16 family)
{
    return family == AF_INET || family == AF_INET6;
}

TRACEPOINT_PROBE(sock, sock_send_length)
{
    if (args->ret <= 0 || !over_a_network(args->family))
        return 0;
    count_for_process(0, args->ret);
    count_for_process(2, 1);
    return 0;
}

TRACEPOINT_PROBE(sock, sock_recv_length)
{
    if (args->ret <= 0 || (args->flags & MSG_PEEK) || !over_a_network(args->family))
        return 0;
    count_for_process(1, args->ret);
    count_for_process(3, 1);
    return 0;
}
