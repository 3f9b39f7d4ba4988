"""A real agent asked for counters of processes: they run while somebody watches."""

from typing import cast

import pytest

from profiler.core.event_batch import EventBatch, decode
from profiler.core.feed_channel import TASK_WATCH, feed_id, feed_key, lease_key
from profiler.probes.registry import probe_named
from tests.agent.servers import Agent, Server, wait_for
from tests.bpf.probes.counting import CALLS, SYSCALLS, total, waiting

pytestmark = [pytest.mark.bpf, pytest.mark.redis]


def test_an_agent_counts_while_somebody_watches(shared_agent: Agent, shared_server: Server) -> None:
    client, values = shared_agent.server.client, probe_named("syscall_counts").values({})
    name = feed_id("syscall_counts", values)
    client.set(lease_key(shared_agent.host, name), 1, ex=600)
    shared_server.send(TASK_WATCH, kwargs={"probe": "syscall_counts", "values": values})

    def sent() -> list[EventBatch]:
        entries = cast("list[tuple[bytes, dict[bytes, bytes]]]", client.xrange(feed_key(shared_agent.host, name)))
        return [decode(fields[b"data"]) for _, fields in entries]

    wait_for(sent, "the first second")
    with waiting(SYSCALLS, str(CALLS)) as (pid, work):
        work()
        # It has begun before it was counted, or not: its own start is counted too.
        wait_for(lambda: total(sent(), pid)["calls"] >= CALLS + 2, "its calls")
    client.delete(lease_key(shared_agent.host, name))
    wait_for(lambda: not shared_agent.bpf_programs(), "the probe to be detached")
