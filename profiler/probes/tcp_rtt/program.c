/* The kernel's smoothed round-trip time of a TCP connection, each time that a segment comes in. */
#define FAMILY_IPV6 10
#define NS_OF_US 1000ULL

TRACEPOINT_PROBE(tcp, tcp_probe)
{
#if PORT
    if (args->sport != PORT && args->dport != PORT)
        return 0;
#endif
    observe_current(args->family == FAMILY_IPV6, 0, args->srtt * NS_OF_US, bpf_ktime_get_ns());
    return 0;
}
