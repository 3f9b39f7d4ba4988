"""How long after its last viewer a feed is gone from the kernel: a real agent, a lease that nobody renews.

    python -m bench.feed_detach [--rounds 3]

The lease is said once, with its usual time to live, as by a viewer that vanished right after. Counted until the
kernel's own list has none of the agent's programs.
"""

import argparse
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from profiler.agent.probes.watch import MAX_FEEDS
from profiler.core.feed_channel import LEASE_TTL_S, TASK_WATCH, feed_id, lease_key
from profiler.probes.registry import probe_named
from tests.agent.servers import Agent, RedisServer, Server, wait_for


def detached_after_s(agent: Agent, server: Server, feeds: int) -> float:
    probe = probe_named("signals")
    asked = [probe.values({"pid": pid}) for pid in range(1, feeds + 1)]
    for values in asked:
        name = feed_id(probe.name, values)
        agent.server.client.set(lease_key(agent.host, name), 1, ex=LEASE_TTL_S)
        server.send(TASK_WATCH, kwargs={"probe": probe.name, "values": values})
    wait_for(lambda: len(agent.bpf_programs()) == feeds, "all feeds")
    for values in asked:
        agent.server.client.set(lease_key(agent.host, feed_id(probe.name, values)), 1, ex=LEASE_TTL_S)
    left = time.monotonic()
    wait_for(lambda: not agent.bpf_programs(), "the programs to be gone")
    return time.monotonic() - left


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="webprof-")))
        redis_server = RedisServer(directory)
        redis_server.start()
        stack.callback(redis_server.stop)
        agent = Agent(redis_server, directory)
        stack.callback(agent.kill_if_running)
        agent.start()
        for feeds in (1, MAX_FEEDS):
            times = [detached_after_s(agent, Server(redis_server), feeds) for _ in range(rounds)]
            print(f"{feeds} feeds: gone {', '.join(f'{seconds:.1f}' for seconds in times)} s after the last viewer")


if __name__ == "__main__":
    main()
