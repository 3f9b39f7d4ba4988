/*
 * DNS over UDP, from the packets themselves: a query when it leaves by a network device, its answer when it comes. So it is
 * seen whichever library asks, and whichever system call it uses. Fields of sk_buff at OFF_*.
 */
#include "arguments.h"

#define MAX_QUERIES 16384
#define DNS_PORT 53
#define PROTOCOL_UDP 17
#define DNS_HEADER 12
/* The question's name (at most 255 bytes) and type begin behind the header. */
#define QUESTION_BYTES 260
#define ANSWER_BIT 0x80

#define AF_INET 2
#define AF_INET6 10

/* The asking side's address is left out: a resolver answers the port that asked. */
struct query_key {
    u8 server[16];
    u16 id;
    u16 port;
};

struct asked {
    u64 at;
    u32 pid;
    u32 unused;
    char comm[TASK_COMM_LEN];
};

struct event {
    u64 at;
    u64 took_ns;
    u32 pid;
    u32 family;
    u8 server[16];
    char comm[TASK_COMM_LEN];
    u8 flags[2];
    u8 is_answer;
    u8 unused;
    u8 question[QUESTION_BYTES];
};

/* What was never answered makes room for what is asked. */
BPF_TABLE("lru_hash", struct query_key, struct asked, queries, MAX_QUERIES);
BPF_PERCPU_ARRAY(event_space, struct event, 1);

struct packet {
    u64 payload;
    u32 payload_bytes;
    u16 source;
    u16 target;
    u32 family;
    u8 source_address[16];
    u8 target_address[16];
};

/* False when it is no UDP over IPv4 or IPv6 without further headers. */
static __always_inline bool read_packet(u64 skb, struct packet *packet)
{
    u64 head = 0;
    u16 network = 0, udp_at = 0;
    u8 ip[40] = {}, udp[8] = {};
    bpf_probe_read_kernel(&head, sizeof(head), (void *)(skb + OFF_SK_BUFF_HEAD));
    bpf_probe_read_kernel(&network, sizeof(network), (void *)(skb + OFF_SK_BUFF_NETWORK_HEADER));
    if (bpf_probe_read_kernel(ip, 20, (void *)(head + network)))
        return false;
    if (ip[0] >> 4 == 4 && ip[9] == PROTOCOL_UDP) {
        packet->family = AF_INET;
        __builtin_memcpy(packet->source_address, ip + 12, 4);
        __builtin_memcpy(packet->target_address, ip + 16, 4);
        udp_at = network + (ip[0] & 15) * 4;
    } else if (ip[0] >> 4 == 6 && ip[6] == PROTOCOL_UDP) {
        bpf_probe_read_kernel(ip, 40, (void *)(head + network));
        packet->family = AF_INET6;
        __builtin_memcpy(packet->source_address, ip + 8, 16);
        __builtin_memcpy(packet->target_address, ip + 24, 16);
        udp_at = network + 40;
    } else
        return false;
    bpf_probe_read_kernel(udp, sizeof(udp), (void *)(head + udp_at));
    packet->source = udp[0] << 8 | udp[1];
    packet->target = udp[2] << 8 | udp[3];
    packet->payload = head + udp_at + sizeof(udp);
    packet->payload_bytes = (udp[4] << 8 | udp[5]) - sizeof(udp);
    return true;
}

/* The event in scratch memory with what the packet says, or none when it is no DNS message. */
static __always_inline struct event *begin_event(const struct packet *packet, u16 *id)
{
    u32 zero = 0;
    struct event *event = event_space.lookup(&zero);
    u8 header[DNS_HEADER] = {};
    if (!event || packet->payload_bytes <= DNS_HEADER || packet->payload_bytes > 65527)
        return 0;
    if (bpf_probe_read_kernel(header, sizeof(header), (void *)packet->payload))
        return 0;
    *id = header[0] << 8 | header[1];
    __builtin_memset(event, 0, sizeof(*event));
    event->at = bpf_ktime_get_ns();
    event->family = packet->family;
    event->flags[0] = header[2];
    event->flags[1] = header[3];
    u32 bytes = packet->payload_bytes - DNS_HEADER;
    if (bytes > QUESTION_BYTES)
        bytes = QUESTION_BYTES;
    bpf_probe_read_kernel(event->question, bytes, (void *)(packet->payload + DNS_HEADER));
    return event;
}

RAW_TRACEPOINT_PROBE(net_dev_queue)
{
    struct packet packet = {};
    u16 id = 0;
    if (!read_packet(ARGUMENT(net_dev_queue, 0), &packet) || packet.target != DNS_PORT || !wanted())
        return 0;
    struct event *event = begin_event(&packet, &id);
    if (!event || event->flags[0] & ANSWER_BIT)
        return 0;
    struct query_key key = {.id = id, .port = packet.source};
    __builtin_memcpy(key.server, packet.target_address, sizeof(key.server));
    struct asked asked = {.at = event->at, .pid = bpf_get_current_pid_tgid() >> 32};
    bpf_get_current_comm(asked.comm, sizeof(asked.comm));
    queries.update(&key, &asked);
    event->pid = asked.pid;
    __builtin_memcpy(event->comm, asked.comm, sizeof(event->comm));
    __builtin_memcpy(event->server, packet.target_address, sizeof(event->server));
    send_event(event, sizeof(*event));
    return 0;
}

RAW_TRACEPOINT_PROBE(netif_receive_skb)
{
    struct packet packet = {};
    u16 id = 0;
    if (!read_packet(ARGUMENT(netif_receive_skb, 0), &packet) || packet.source != DNS_PORT)
        return 0;
    struct event *event = begin_event(&packet, &id);
    if (!event || !(event->flags[0] & ANSWER_BIT))
        return 0;
    struct query_key key = {.id = id, .port = packet.target};
    __builtin_memcpy(key.server, packet.source_address, sizeof(key.server));
    struct asked *asked = queries.lookup(&key);
    if (!asked) /* asked before the feed began, by somebody who is not wanted, or answered twice */
        return 0;
    event->is_answer = 1;
    event->took_ns = event->at - asked->at;
    event->pid = asked->pid;
    __builtin_memcpy(event->comm, asked->comm, sizeof(event->comm));
    __builtin_memcpy(event->server, packet.source_address, sizeof(event->server));
    queries.delete(&key);
    send_event(event, sizeof(*event));
    return 0;
}
