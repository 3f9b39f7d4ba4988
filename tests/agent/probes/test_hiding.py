"""`webprof agent --hide-private`: what people watch of this host has no paths."""

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from profiler.core.event_batch import EventBatch, decode
from profiler.core.feed_channel import TASK_WATCH, feed_id, feed_key, lease_key
from profiler.core.probe import PRIVATE
from profiler.probes.registry import probe_named
from tests.agent.servers import Agent, RedisServer, Server, wait_for
from tests.bpf.probes.feed import LOAD, python

pytestmark = [pytest.mark.bpf, pytest.mark.redis]

OPENED = 11
OPENS = f"import sys\nfor _ in range({OPENED}): open(sys.argv[1]).close()"


@pytest.fixture
def hiding(own_redis: RedisServer, directory: Path) -> Iterator[Agent]:
    made = Agent(own_redis, directory, options=("--hide-private",))
    try:
        made.start()
        yield made
    finally:
        made.kill_if_running()


def test_no_path_leaves_a_host_that_hides_them(hiding: Agent, server: Server, tmp_path: Path) -> None:
    file = tmp_path / "secret-name"
    file.touch()
    values = probe_named("opens").values({"comm": LOAD})
    name = feed_id("opens", values)
    client = hiding.server.client
    client.set(lease_key(hiding.host, name), 1, ex=600)
    server.send(TASK_WATCH, kwargs={"probe": "opens", "values": values})

    def batches() -> list[EventBatch]:
        found = cast("list[tuple[bytes, dict[bytes, bytes]]]", client.xrange(feed_key(hiding.host, name)))
        return [decode(fields[b"data"]) for _, fields in found]

    wait_for(batches, "a first batch")
    python(OPENS, str(file))
    wait_for(lambda: sum(map(len, batches())) >= OPENED, "all events")
    assert all("path" not in batch.columns and "name" in batch.columns for batch in batches())
    assert "secret-name" not in str(batches())
    wait_for(hiding.alive, "a heartbeat")
    told = hiding.heartbeat()
    assert told is not None
    assert told.hides == PRIVATE
    assert told.processes
    assert not any(process.cmdline for process in told.processes)
