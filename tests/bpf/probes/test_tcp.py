"""TCP: every connection of a known load, with the bytes it carried; those refused, sent again and broken off."""

import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.bpf.probes.feed import LOAD, python, wait_for, watching

pytestmark = pytest.mark.bpf

CONNECTIONS = 13
# include/net/tcp_states.h
TIME_WAIT, LISTEN = 6, 10
NAME = Path(sys.executable).name
# A server that reads a connection to its end, answers it with twice as much and closes: clients are the first to end.
SERVER = """
import socket
listener = socket.create_server((HOST, 0), family=FAMILY, backlog=50)
print(listener.getsockname()[1], flush=True)
while True:
    connection, _ = listener.accept()
    read = 0
    while data := connection.recv(65536): read += len(data)
    connection.sendall(bytes(2 * read))
    connection.close()
"""
CLIENT = """
import socket, sys
for number in range(int(sys.argv[2])):
    connection = socket.create_connection((HOST, int(sys.argv[1])))
    connection.sendall(bytes(1000 * number))
    connection.shutdown(socket.SHUT_WR)
    while connection.recv(65536): pass
    connection.close()
"""
REFUSED = 7
REFUSES = f"""
import socket, sys
for _ in range({REFUSED}):
    try: socket.create_connection(("127.0.0.1", int(sys.argv[1])))
    except ConnectionRefusedError: continue
    sys.exit("it was not refused")
"""
RESETS = 5
BREAKS_OFF = f"""
import socket, struct, sys
listener = socket.create_server(("127.0.0.1", 0))
for _ in range({RESETS}):
    client = socket.create_connection(listener.getsockname())
    server, _ = listener.accept()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    server.close()
    try: client.recv(1)
    except ConnectionResetError: pass
    client.close()
"""


def code(text: str, host: str) -> str:
    family = "socket.AF_INET6" if ":" in host else "socket.AF_INET"
    return text.replace("HOST", repr(host)).replace("FAMILY", family)


@contextmanager
def server(host: str) -> Iterator[tuple[int, int]]:
    """Its pid and port."""
    with subprocess.Popen(
        [sys.executable, "-S", "-c", code(SERVER, host)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield process.pid, int(process.stdout.readline())
        finally:
            process.kill()


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_every_connection_is_told_from_both_sides_with_its_bytes(host: str) -> None:
    with watching("tcp") as watched, server(host) as (server_pid, port):
        client_pid = python(code(CLIENT, host), str(port), str(CONNECTIONS))
        wait_for(lambda: not _open_connections(port), "the server's last connection is still there")
    rows = [row for row in watched.rows if port in (row["local_port"], row["remote_port"])]
    counted = Counter((row["what"], row["side"], row["pid"]) for row in rows)
    assert counted == {
        ("connect", "client", client_pid): CONNECTIONS,
        ("accept", "server", server_pid): CONNECTIONS,
        ("close", "client", client_pid): CONNECTIONS,
        ("close", "server", server_pid): CONNECTIONS,
    }
    closes = [row for row in rows if row["what"] == "close"]
    expected = [(1000 * number, 2000 * number) for number in range(CONNECTIONS)]
    assert sorted((row["sent"], row["received"]) for row in closes if row["side"] == "client") == expected
    assert sorted((row["received"], row["sent"]) for row in closes if row["side"] == "server") == expected
    assert {(row["local"], row["remote"]) for row in rows} == {(host, host)}
    assert all(row["lasted"] > 0 and row["round_trip"] > 0 for row in closes)
    assert {(row["side"], row["name"]) for row in rows} == {("client", LOAD), ("server", NAME)}


def test_a_connection_that_began_before_is_told_with_who_ends_it() -> None:
    with (
        server("127.0.0.1") as (server_pid, port),
        socket.create_connection(("127.0.0.1", port)) as client,
        watching("tcp", port=port) as watched,
    ):
        client.shutdown(socket.SHUT_WR)
        while client.recv(65536):
            pass
        client.close()
        wait_for(lambda: not _open_connections(port), "the server's side is still there")
    (row,) = [row for row in watched.rows if row["local_port"] == port]
    assert (row["what"], row["pid"], row["side"], row["lasted"]) == ("close", server_pid, "", 0)


def test_a_refused_connection_is_told_with_its_error() -> None:
    with server("127.0.0.1") as (_, port):
        pass  # nobody listens there now
    with watching("tcp", port=port) as watched:
        pid = python(REFUSES, str(port))
    told = Counter((row["what"], row["pid"], row["error"], row["remote_port"]) for row in watched.rows)
    assert told == {("failed", pid, "ECONNREFUSED", port): REFUSED}


def test_a_port_and_a_process_filter_in_the_kernel() -> None:
    with server("127.0.0.1") as (pid, port), server("127.0.0.1") as (_, other):
        with watching("tcp", port=port) as watched:
            python(code(CLIENT, "127.0.0.1"), str(port), "3")
            python(code(CLIENT, "127.0.0.1"), str(other), "3")
        assert {row["remote_port"] for row in watched.rows if row["what"] == "connect"} == {port}
        with watching("tcp", pid=pid) as watched:
            client = python(code(CLIENT, "127.0.0.1"), str(port), "3")
            wait_for(lambda: not _open_connections(port), "the server's side is still there")
        assert client not in {row["pid"] for row in watched.rows}
        # It listened before the feed began.
        taken = Counter((row["what"], row["pid"], row["name"], row["side"]) for row in watched.rows)
        assert taken == {("accept", pid, NAME, "server"): 3, ("close", pid, NAME, "server"): 3}


def test_resets_are_told_by_who_sends_them_and_who_gets_them() -> None:
    with watching("tcp_resets") as watched, watching("tcp", comm=LOAD) as connections:
        pid = python(BREAKS_OFF)
    (port,) = {row["remote_port"] for row in connections.rows if row["pid"] == pid and row["what"] == "connect"}
    mine = [row for row in watched.rows if port in (row["local_port"], row["remote_port"])]
    assert Counter((row["direction"], row["local_port"] == port) for row in mine) == {
        ("sent", True): RESETS,
        ("received", False): RESETS,
    }
    assert {(row["local"], row["remote"]) for row in mine} == {("127.0.0.1", "127.0.0.1")}


def test_packets_are_told_that_a_full_server_lets_be_sent_again() -> None:
    """Of a queue of one place, with nobody who takes from it, Linux takes two; the others ask again after a second."""
    waits = """
import socket, sys, time
listener = socket.create_server(("127.0.0.1", 0), backlog=0)
port = listener.getsockname()[1]
clients = [socket.socket() for _ in range(3)]
for client in clients: client.setblocking(False); client.connect_ex(("127.0.0.1", port))
print(port, flush=True)
sys.stdin.read()
"""
    with (
        watching("tcp_retransmits") as watched,
        subprocess.Popen(
            [sys.executable, "-S", "-c", waits], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process,
    ):
        assert process.stdout is not None
        port = int(process.stdout.readline())
        wait_for(lambda: _resent(port) >= 2, "nothing was sent again")
        process.communicate()
    mine = [row for row in watched.rows if row["remote_port"] == port]
    assert len(mine) >= 2
    assert {(row["state"], row["remote"]) for row in mine} == {("SYN sent", "127.0.0.1")}


def _open_connections(port: int) -> int:
    return sum(state not in (TIME_WAIT, LISTEN) for _, state, _ in _sockets(port))


def _resent(port: int) -> int:
    """Packets that the kernel itself says were sent again to a port."""
    return sum(again for remote, _, again in _sockets(port) if remote == port)


def _sockets(port: int) -> list[tuple[int, int, int]]:
    """Remote port, state and packets sent again of each socket with the port on either side (proc_net_tcp(5))."""
    found = []
    for name in ("tcp", "tcp6"):
        for line in Path("/proc/net", name).read_text().splitlines()[1:]:
            _, local, remote, state, _, _, again, *_ = line.split()
            ports = [int(address.rpartition(":")[2], 16) for address in (local, remote)]
            if port in ports:
                found.append((ports[1], int(state, 16), int(again, 16)))
    return found
