/*
 * From a DNS query over UDP that leaves this host to its answer, by what the answer says. Seen as packets, so that it does
 * not matter how a program sends them. Fields of the packet's descriptor are at offsets from BTF.
 */
#include "arguments.h"

#define QUERIES 16384
#define DNS_PORT 53
#define UDP 17
#define IPV6_HEADER 40
#define DNS_ANSWER 0x80

struct query_key {
    u32 id;
    u32 port;
};
struct asked {
    u64 since;
    u64 stack;
    u32 tgid;
    u32 tid;
    char comm[TASK_COMM_LEN];
};
/* The UDP header and the first four bytes of the message. */
struct dns_packet {
    u16 source;
    u16 destination;
    u16 length;
    u16 checksum;
    u16 id;
    u8 flags;
    u8 result;
};
/* An answer that never comes must not take its room for ever. */
BPF_TABLE("lru_hash", struct query_key, struct asked, queries, QUERIES);

static __always_inline u16 swapped(u16 word)
{
    return word << 8 | word >> 8;
}

/* Whether `ip` begins a datagram; it is then read. */
static __always_inline bool read_packet(u64 ip, struct dns_packet *packet)
{
    u8 first = 0, protocol = 0;
    bpf_probe_read_kernel(&first, sizeof(first), (void *)ip);
    bool six = first >> 4 == 6;
    bpf_probe_read_kernel(&protocol, sizeof(protocol), (void *)(ip + (six ? 6 : 9)));
    if (protocol != UDP || (!six && first >> 4 != 4))
        return false;
    u64 start = ip + (six ? IPV6_HEADER : (first & 15) * 4);
    return !bpf_probe_read_kernel(packet, sizeof(*packet), (void *)start);
}

RAW_TRACEPOINT_PROBE(net_dev_queue)
{
    u64 skb = ARGUMENT(net_dev_queue, 0), head = 0;
    u16 network = 0;
    struct dns_packet packet = {};
    bpf_probe_read_kernel(&head, sizeof(head), (void *)(skb + OFF_SK_BUFF_HEAD));
    bpf_probe_read_kernel(&network, sizeof(network), (void *)(skb + OFF_SK_BUFF_NETWORK_HEADER));
    if (!read_packet(head + network, &packet) || packet.destination != swapped(DNS_PORT) || packet.flags & DNS_ANSWER)
        return 0;
    if (!wanted())
        return 0;
    u64 id = bpf_get_current_pid_tgid(), now = bpf_ktime_get_ns();
    struct query_key key = {.id = packet.id, .port = packet.source};
    struct asked asked = {.since = now, .stack = begun_stack(now), .tgid = id >> 32, .tid = id};
    bpf_get_current_comm(asked.comm, sizeof(asked.comm));
    queries.update(&key, &asked);
    return take_begun(ctx, asked.stack);
}

/* Here the packet's data begins with its IP header. */
RAW_TRACEPOINT_PROBE(netif_receive_skb)
{
    u64 data = 0;
    struct dns_packet packet = {};
    bpf_probe_read_kernel(&data, sizeof(data), (void *)(ARGUMENT(netif_receive_skb, 0) + OFF_SK_BUFF_DATA));
    if (!read_packet(data, &packet) || packet.source != swapped(DNS_PORT) || !(packet.flags & DNS_ANSWER))
        return 0;
    struct query_key key = {.id = packet.id, .port = packet.destination};
    struct asked *asked = queries.lookup(&key);
    if (!asked)
        return 0;
    u64 now = bpf_ktime_get_ns();
    struct exemplar example = {.time_ns = now, .value = now - asked->since, .tgid = asked->tgid, .tid = asked->tid};
    example.stack = asked->stack;
    example.key.first = packet.result & 15;
    __builtin_memcpy(example.comm, asked->comm, sizeof(example.comm));
    queries.delete(&key);
    observe(&example);
    return 0;
}
