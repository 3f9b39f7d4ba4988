"""DNS: each query of a known load with its answer, whichever way it was sent."""

from collections import Counter

import pytest

from tests.bpf.probes.feed import python, watching

pytestmark = pytest.mark.bpf

QUERIES = 17
# A server of one thread that answers NXDOMAIN, and a client that asks it by sendto and, connected, by send.
ASKS = f"""
import socket, struct, sys, threading
family, address = (socket.AF_INET6, "::1") if sys.argv[1] == "6" else (socket.AF_INET, "127.0.0.99")
server = socket.socket(family, socket.SOCK_DGRAM)
server.bind((address, 53))
def answer():
    while True:
        data, client = server.recvfrom(512)
        server.sendto(data[:2] + b"\\x81\\x83" + data[4:], client)
threading.Thread(target=answer, daemon=True).start()
plain, connected = (socket.socket(family, socket.SOCK_DGRAM) for _ in range(2))
connected.connect((address, 53))
for number in range({QUERIES}):
    name = b"".join(bytes([len(label)]) + label for label in (b"host%d" % number, b"example", b"com"))
    query = struct.pack("!6H", number, 0x0100, 1, 0, 0, 0) + name + b"\\0" + struct.pack("!2H", 28, 1)
    for client in (plain, connected):
        client.sendto(query, (address, 53)) if client is plain else client.send(query)
        client.recv(512)
"""


@pytest.mark.parametrize("version", ["4", "6"])
def test_each_query_is_told_and_each_answer_with_its_time(version: str) -> None:
    with watching("dns") as watched:
        pid = python(ASKS, version)
    rows = [row for row in watched.rows if row["pid"] == pid]
    names = {f"host{number}.example.com" for number in range(QUERIES)}
    assert Counter((row["what"], row["host"]) for row in rows) == {
        (what, name): 2 for what in ("query", "answer") for name in names
    }
    assert {(row["what"], row["type"], row["answer"]) for row in rows} == {
        ("query", "AAAA", ""),
        ("answer", "AAAA", "NXDOMAIN"),
    }
    assert {row["server"] for row in rows} == {"::1" if version == "6" else "127.0.0.99"}
    assert all((row["took"] > 0) == (row["what"] == "answer") for row in rows)


def test_a_name_can_be_hidden_and_a_process_chosen() -> None:
    with watching("dns", hides_private=True) as watched:
        pid = python(ASKS, "4")
    rows = [row for row in watched.rows if row["pid"] == pid]
    assert len(rows) == 4 * QUERIES
    assert not any("host" in row for row in rows)
    with watching("dns", pid=1) as watched:
        python(ASKS, "4")
    assert watched.rows == []
