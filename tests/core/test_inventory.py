"""Heartbeats: what is kept on the way, and what the server refuses."""

import msgpack
import pytest

from profiler.core.inventory import (
    MAX_INVENTORY_BYTES,
    MAX_PROCESSES,
    Agent,
    AgentState,
    Capability,
    Inventory,
    InventoryError,
    Pressure,
    Process,
    System,
    decode,
    encode,
)


def inventory(processes: int = 1, cmdline: str = "python3 app.py") -> Inventory:
    process = Process(pid=7, comm="python3", cmdline=cmdline, user="root", cpu_percent=99.5, rss_bytes=2**30)
    return Inventory(
        host="web-1",
        at_ns=1_763_800_000_000_000_000,
        agent=Agent(version="0.1.0", pid=1, state=AgentState.IDLE, rss_bytes=1, cpu_percent=0.1),
        system=System(
            kernel="6.1.0",
            distribution="Debian GNU/Linux 12",
            architecture="x86_64",
            cpus=2,
            memory_total_bytes=2**34,
            memory_available_bytes=2**33,
            load=(0.5, 0.4, 0.3),
            cpu_percent=12.5,
            uptime_s=100.0,
            pressure=Pressure(cpu=0.5, io=None, memory=0.0),
        ),
        capabilities=(Capability(name="cpu", available=False, reason="not root", fix="run as root"),),
        process_count=processes,
        processes=(process,) * processes,
    )


def test_an_inventory_survives_the_way_unchanged() -> None:
    assert decode(encode(inventory())) == inventory()


def test_the_longest_allowed_heartbeat_is_under_the_bound() -> None:
    longest = inventory(MAX_PROCESSES, "\U0001f525" * 256)
    assert len(encode(longest)) < MAX_INVENTORY_BYTES / 2


def test_a_newer_agent_may_say_more() -> None:
    message = msgpack.unpackb(encode(inventory())) | {"gpus": 8}
    assert decode(msgpack.packb(message)) == inventory()


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"host": "../etc"}, "host"),
        ({"processes": [{"pid": 1}] * (MAX_PROCESSES + 1)}, "processes"),
        ({"system": {"cpus": 0}}, "system.kernel"),
        ({"at_ns": -1}, "at_ns"),
        ({"process_count": "many"}, "process_count"),
    ],
)
def test_a_wrong_field_is_named(change: dict[str, object], names: str) -> None:
    message = msgpack.unpackb(encode(inventory())) | change
    with pytest.raises(InventoryError, match=f"field {names}"):
        decode(msgpack.packb(message))


@pytest.mark.parametrize("data", [b"", b"\xc1", b"\x01\x02", encode(inventory())[:-3], b"\x93\x01\x02\x03"])
def test_damaged_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(InventoryError, match="heartbeat"):
        decode(data)


def test_an_oversized_heartbeat_is_refused_unread() -> None:
    with pytest.raises(InventoryError, match="MAX_INVENTORY_BYTES"):
        decode(b"\x00" * (MAX_INVENTORY_BYTES + 1))
