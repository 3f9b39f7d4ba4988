/* Whose a socket of IP is: its family, ports and addresses. By offsets from BTF. */
#ifndef WEBPROF_SOCKET_H
#define WEBPROF_SOCKET_H

#include "read_kernel.h"

#define AF_INET 2
#define AF_INET6 10

static __always_inline u16 family_of(u64 socket)
{
    u16 family = 0;
    READ_KERNEL(family, socket, OFF_SOCK___SK_COMMON_SKC_FAMILY);
    return family;
}

#ifdef OFF_INET_SOCK_INET_SPORT
/* A port is kept as it goes over the wire. */
static __always_inline u16 port_at(u64 address)
{
    u16 port = 0;
    bpf_probe_read_kernel(&port, sizeof(port), (const void *)address);
    return port << 8 | port >> 8;
}

/* Not skc_num, which is already given back when a program breaks off. */
static __always_inline u16 local_port_of(u64 socket)
{
    return port_at(socket + OFF_INET_SOCK_INET_SPORT);
}

static __always_inline u16 remote_port_of(u64 socket)
{
    return port_at(socket + OFF_SOCK___SK_COMMON_SKC_DPORT);
}
#endif

#ifdef OFF_SOCK___SK_COMMON_SKC_RCV_SADDR
/* Of IPv4 the first four bytes; both have room for sixteen. */
static __always_inline void read_addresses(u64 socket, u16 family, void *local, void *remote)
{
    if (family == AF_INET) {
        bpf_probe_read_kernel(local, 4, (const void *)(socket + OFF_SOCK___SK_COMMON_SKC_RCV_SADDR));
        bpf_probe_read_kernel(remote, 4, (const void *)(socket + OFF_SOCK___SK_COMMON_SKC_DADDR));
    } else if (family == AF_INET6) {
        bpf_probe_read_kernel(local, 16, (const void *)(socket + OFF_SOCK___SK_COMMON_SKC_V6_RCV_SADDR));
        bpf_probe_read_kernel(remote, 16, (const void *)(socket + OFF_SOCK___SK_COMMON_SKC_V6_DADDR));
    }
}
#endif

#endif
