"""Connections, round trips and DNS answers: every one of a known number, and no more time than the caller saw pass."""

import pytest

from tests.bpf.probes.histograms import COMM, counting, is_exact, load

pytestmark = pytest.mark.bpf

CONNECTED, REFUSED, TRIPS, ANSWERED, UNKNOWN = 101, 37, 211, 97, 31
PORT = 47111

# In a network of its own: port 53 and others are free there.
OWN_NETWORK = ("unshare", "--net")
LOOPBACK = """
import fcntl, os, socket, struct, threading, time
fcntl.ioctl(socket.socket(), 0x8914, struct.pack("16sh", b"lo", 1))
"""


def test_every_connection_is_counted_by_outcome() -> None:
    code = f"""{LOOPBACK}
server = socket.create_server(("127.0.0.1", {PORT}), backlog={CONNECTED})
name(NAME)
began = time.monotonic_ns()
kept = [socket.create_connection(("127.0.0.1", {PORT})) for _ in range({CONNECTED})]
for _ in range({REFUSED}):
    try: socket.create_connection(("127.0.0.1", {PORT + 1}))
    except ConnectionRefusedError: pass
print(time.monotonic_ns() - began)
"""
    with counting("tcp_connect_latency", comm=COMM) as counted:
        (elapsed_ns,) = map(int, load(code, under=OWN_NETWORK))
    assert counted.events.keys() == {("connected",), ("failed",)}
    assert is_exact(counted, counted.events[("connected",)], CONNECTED)
    assert is_exact(counted, counted.events[("failed",)], REFUSED)
    assert 0 < sum(counted.sums.values()) <= elapsed_ns
    assert {example.comm for example in counted.exemplars} == {COMM}


@pytest.mark.parametrize(("port", "seen"), [(PORT, True), (PORT + 1, False)])
def test_each_segment_of_a_ports_connections_tells_a_round_trip_time(port: int, seen: bool) -> None:
    code = f"""{LOOPBACK}
server = socket.create_server(("127.0.0.1", {PORT}))
client = socket.create_connection(("127.0.0.1", {PORT}))
other, _ = server.accept()
for _ in range({TRIPS}):
    client.send(b"ping"), other.recv(4), other.send(b"pong"), client.recv(4)
"""
    with counting("tcp_rtt", port=port) as counted:
        load(code, under=OWN_NETWORK)
    if seen:
        assert counted.events.keys() == {("IPv4",)}
        # Both ends get a segment in each trip, and some that only acknowledge.
        assert counted.events[("IPv4",)] + counted.lost >= 2 * TRIPS
        assert counted.sums[("IPv4",)] > 0
    else:
        assert counted.events == {}


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_every_dns_answer_is_counted_by_what_it_says(address: str) -> None:
    code = f"""{LOOPBACK}
family = socket.AF_INET6 if ":" in {address!r} else socket.AF_INET
server, client = socket.socket(family, socket.SOCK_DGRAM), socket.socket(family, socket.SOCK_DGRAM)
server.bind(({address!r}, 53))
def ask(number, result):
    client.sendto(struct.pack(">6H", number, 0x0100, 1, 0, 0, 0), ({address!r}, 53))
    query, asker = server.recvfrom(512)
    server.sendto(query[:2] + struct.pack(">2B", 0x81, 0x80 | result) + query[4:], asker)
    client.recv(512)
name(NAME)
began = time.monotonic_ns()
for i in range({ANSWERED}): ask(i, 0)
for i in range({UNKNOWN}): ask(1000 + i, 3)
client.sendto(b"not answered", ({address!r}, 53))
print(time.monotonic_ns() - began)
"""
    with counting("dns_latency", comm=COMM) as counted:
        (elapsed_ns,) = map(int, load(code, under=OWN_NETWORK))
    assert counted.events.keys() == {("answered",), ("no such name",)}
    assert is_exact(counted, counted.events[("answered",)], ANSWERED)
    assert is_exact(counted, counted.events[("no such name",)], UNKNOWN)
    assert 0 < sum(counted.sums.values()) <= elapsed_ns
