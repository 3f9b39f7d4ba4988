/*
 * Connections of TCP over IPv4 and IPv6, from their changes of state. Bytes and round-trip times are read from the kernel's
 * own counts (OFF_*) when a connection ends. Parameters (-D): PORT, of either side; 0 for all.
 *
 * A connection that is made begins in the process that makes it; one that is taken is set up in an interrupt, in whatever
 * process, so it is told with the process that listens at its port.
 */
#include "arguments.h"
#include "socket.h"

#define MAX_CONNECTIONS 65536
#define MAX_PORTS 4096

#define IPPROTO_TCP 6
/* SOCK_DONE of include/net/sock.h: the other side has said that it sends no more. */
#define OTHER_SIDE_ENDED (1 << 1)

/* include/net/tcp_states.h */
enum tcp_state {
    TCP_ESTABLISHED = 1,
    TCP_SYN_SENT = 2,
    TCP_SYN_RECV = 3,
    TCP_FIN_WAIT1 = 4,
    TCP_CLOSE = 7,
    TCP_LAST_ACK = 9,
    TCP_LISTEN = 10,
};

enum what {
    CONNECTED = 1,
    NOT_CONNECTED = 2,
    ACCEPTED = 3,
    CLOSED = 4,
};

struct owner {
    u32 pid;
    char comm[TASK_COMM_LEN];
};

/* `began_at`: when the first packet went out, or when a connection that was taken was there. */
struct connection {
    u64 began_at;
    struct owner owner;
    u32 side;
};

/* Which side of a connection this is is only known of those that began after this program. */
enum side {
    SIDE_UNKNOWN = 0,
    CLIENT = 1,
    SERVER = 2,
};

struct event {
    u64 at;
    u64 lasted_ns;
    u64 sent;
    u64 received;
    u32 pid;
    u32 what;
    u32 round_trip_us;
    u32 retransmits;
    s32 error;
    u16 local_port;
    u16 remote_port;
    u32 family;
    u32 side;
    u8 local[16];
    u8 remote[16];
    char comm[TASK_COMM_LEN];
};

BPF_HASH(connections, u64, struct connection, MAX_CONNECTIONS);
/* By port; several processes may listen at one, the last one counts. */
BPF_TABLE("lru_hash", u16, struct owner, listeners, MAX_PORTS);

static __always_inline void set_current_owner(struct owner *owner)
{
    owner->pid = bpf_get_current_pid_tgid() >> 32;
    bpf_get_current_comm(owner->comm, sizeof(owner->comm));
}

static __always_inline bool is_owner_wanted(const struct owner *owner)
{
    u32 zero = 0;
    const struct probe_filter *filter = filters.lookup(&zero);
    if (!filter || (owner->pid && owner->pid == filter->own_tgid) || (filter->pid && owner->pid != filter->pid))
        return false;
    u64 name[2];
    __builtin_memcpy(name, owner->comm, sizeof(name));
    return !filter->comm[0] || (name[0] == filter->comm[0] && name[1] == filter->comm[1]);
}

/* What was there before it closed. */
static __always_inline bool is_connected(u32 state)
{
    return state != TCP_LISTEN && state != TCP_CLOSE && state != TCP_SYN_RECV && state != TCP_SYN_SENT;
}

static __always_inline void read_counts(u64 sock, struct event *event)
{
    u64 sent = 0, again = 0, flags = 0;
    u32 smoothed = 0;
    bpf_probe_read_kernel(&sent, sizeof(sent), (void *)(sock + OFF_TCP_SOCK_BYTES_SENT));
    bpf_probe_read_kernel(&again, sizeof(again), (void *)(sock + OFF_TCP_SOCK_BYTES_RETRANS));
    bpf_probe_read_kernel(&event->received, sizeof(event->received), (void *)(sock + OFF_TCP_SOCK_BYTES_RECEIVED));
    bpf_probe_read_kernel(&flags, sizeof(flags), (void *)(sock + OFF_SOCK___SK_COMMON_SKC_FLAGS));
    bpf_probe_read_kernel(&smoothed, sizeof(smoothed), (void *)(sock + OFF_TCP_SOCK_SRTT_US));
    bpf_probe_read_kernel(
        &event->retransmits, sizeof(event->retransmits), (void *)(sock + OFF_TCP_SOCK_TOTAL_RETRANS));
    event->sent = sent - again;
    /* The end of the other side's stream takes a number, as if it were a byte. */
    if (flags & OTHER_SIDE_ENDED && event->received)
        event->received -= 1;
    event->round_trip_us = smoothed >> 3; /* the kernel keeps it times eight */
}

RAW_TRACEPOINT_PROBE(inet_sock_set_state)
{
    u64 sock = ARGUMENT(inet_sock_set_state, 0), now = bpf_ktime_get_ns();
    u32 before = ARGUMENT(inet_sock_set_state, 1), state = ARGUMENT(inet_sock_set_state, 2);
    u16 protocol = 0, local_port = local_port_of(sock);
    READ_KERNEL(protocol, sock, OFF_SOCK_SK_PROTOCOL);
    if (protocol != IPPROTO_TCP)
        return 0;
    if (state == TCP_LISTEN) {
        struct owner owner = {};
        set_current_owner(&owner);
        listeners.update(&local_port, &owner);
        return 0;
    }
    if (state == TCP_SYN_SENT) {
        struct connection made = {.began_at = now, .side = CLIENT};
        set_current_owner(&made.owner);
        if (is_owner_wanted(&made.owner) && connections.update(&sock, &made))
            count_lost(LOST_NO_ROOM);
        return 0;
    }
    u32 what = 0;
    struct connection *known = connections.lookup(&sock), one = {};
    if (known)
        one = *known;
    if (!known && (state == TCP_FIN_WAIT1 || state == TCP_LAST_ACK)) {
        /* A program ends a connection that began before this one: it is its owner. */
        set_current_owner(&one.owner);
        if (is_owner_wanted(&one.owner) && connections.update(&sock, &one))
            count_lost(LOST_NO_ROOM);
        return 0;
    }
    if (before == TCP_SYN_SENT && state == TCP_ESTABLISHED)
        what = CONNECTED;
    else if (before == TCP_SYN_SENT && state == TCP_CLOSE)
        what = NOT_CONNECTED;
    else if (before == TCP_SYN_RECV && state == TCP_ESTABLISHED)
        what = ACCEPTED;
    else if (state == TCP_CLOSE && is_connected(before))
        what = CLOSED;
    else
        return 0;
    if (what == ACCEPTED) {
        struct owner *owner = listeners.lookup(&local_port);
        one = (struct connection){.began_at = now, .side = SERVER};
        if (owner)
            one.owner = *owner;
        if (!is_owner_wanted(&one.owner))
            return 0;
        if (connections.update(&sock, &one))
            count_lost(LOST_NO_ROOM);
    } else if (!one.began_at && (what != CLOSED || !is_owner_wanted(&one.owner)))
        return 0; /* begun before this program, or not wanted: what nobody is known to own only shows where all do */
    struct event event = {
        .at = now,
        .lasted_ns = one.began_at ? now - one.began_at : 0,
        .pid = one.owner.pid,
        .what = what,
        .local_port = local_port,
        .remote_port = remote_port_of(sock),
        .family = family_of(sock),
        .side = one.side,
    };
    __builtin_memcpy(event.comm, one.owner.comm, sizeof(event.comm));
    if (what == CLOSED || what == NOT_CONNECTED)
        connections.delete(&sock);
    if (PORT && local_port != PORT && event.remote_port != PORT)
        return 0;
    read_addresses(sock, event.family, event.local, event.remote);
    if (what == NOT_CONNECTED)
        bpf_probe_read_kernel(&event.error, sizeof(event.error), (void *)(sock + OFF_SOCK_SK_ERR));
    if (what == CLOSED)
        read_counts(sock, &event);
    send_event(&event, sizeof(event));
    return 0;
}
