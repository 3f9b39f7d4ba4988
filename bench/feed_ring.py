"""The way of events from the kernel into Redis: how many a second without loss, and that what is lost is counted.

    python -m bench.feed_ring [--rate 200000] [--seconds 5]

The probe `signals` sends 64 bytes for each; a process sends itself a known number of signals that it ignores, paced by
the clock; then two do so as fast as they can; then one into a small ring. What is in Redis at the end is decoded and
counted: events and losses must be the signals that were sent, to the last one.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import cast

import redis

from profiler.agent.probes.events import EventSource
from profiler.agent.probes.feed import Feed
from profiler.agent.probes.outbox import Outbox
from profiler.agent.probes.room import RingRoom
from profiler.core.event_batch import EventBatch, decode
from profiler.probes.registry import probe_named
from tests.redis_server import running_redis

KEY = "webprof:feed:bench:signals"
LOAD = "wp-ring-bench"
SIGUSR1 = 10  # alone: a sender that ends sends its parent another one
PATIENCE_S = 60
SMALL_RING_BYTES = 64 * 2**10
FLAT_OUT = (1_000_003, 1_000_033)
SENDER = r"""
#define _GNU_SOURCE
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

static long now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000L + time.tv_nsec;
}

int main(int argc, char **argv)
{
    long count = atol(argv[1]), rate = atol(argv[2]), began, self = getpid();
    prctl(PR_SET_NAME, argv[3]);
    signal(SIGUSR1, SIG_IGN);
    began = now();
    for (long sent = 0; sent < count; sent++) {
        kill(self, SIGUSR1);
        while (rate && sent % 64 == 0 && now() - began < sent * 1000000000L / rate)
            ;
    }
    return 0;
}
"""


def compiled(directory: Path) -> Path:
    source, binary = directory / "sender.c", directory / "sender"
    source.write_text(SENDER)
    subprocess.run(["gcc", "-O2", "-o", binary, source], check=True)
    return binary


def measured(
    client: redis.Redis, sender: Path, counts: list[int], rate: int = 0, room: RingRoom | None = None
) -> Counter[str]:
    """Events in Redis, losses by cause; prints how it went. One sender for each of `counts`."""
    client.delete(KEY)
    probe = probe_named("signals")
    values = probe.values({"comm": LOAD, "signal": SIGUSR1})
    feed = Feed(
        "bench",
        lambda: EventSource("bench", probe, values, hides_private=False, room=room),
        Outbox(client, KEY),
    )
    feed.start()
    wait(lambda: bool(client.exists(KEY)), "the feed's first batch")
    began = time.monotonic()
    senders = [subprocess.Popen([sender, str(count), str(rate), LOAD]) for count in counts]
    for process in senders:
        process.wait()
    took, ended_ns = time.monotonic() - began, time.time_ns()
    wait(lambda: newest(client).start_ns > ended_ns, "a batch that began when all was sent")
    feed.stop()
    feed.join(PATIENCE_S)
    return told(client, sum(counts), took)


def newest(client: redis.Redis) -> EventBatch:
    ((_, fields),) = cast("list[tuple[bytes, dict[bytes, bytes]]]", client.xrevrange(KEY, count=1))
    return decode(fields[b"data"])


def batches(client: redis.Redis) -> list[EventBatch]:
    entries = cast("list[tuple[bytes, dict[bytes, bytes]]]", client.xrange(KEY))
    return [decode(fields[b"data"]) for _, fields in entries]


def wait(done: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not done():
        if time.monotonic() > deadline:
            sys.exit(f"waited {PATIENCE_S} s for {what}")
        time.sleep(0.5)


def told(client: redis.Redis, sent: int, took: float) -> Counter[str]:
    found: Counter[str] = Counter()
    for batch in batches(client):
        found.update(batch.lost, events=len(batch))
    missing = sent - found.total()
    size = cast("int", client.memory_usage(KEY))
    print(f"  {sent:,} sent in {took:.2f} s: {sent / took:,.0f}/s; {size / 2**20:.0f} MiB in Redis")
    print(f"  {dict(found)}: {'exact' if not missing else f'NOT EXACT by {missing:,}'}")
    if missing:
        sys.exit(1)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=int, default=200_000)
    parser.add_argument("--seconds", type=float, default=5)
    given = parser.parse_args()
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="webprof-")))
        client = stack.enter_context(running_redis(directory, f"unix://{directory}/redis.sock"))
        sender = compiled(directory)
        print(f"paced at {given.rate:,} a second")
        paced = measured(client, sender, [int(given.rate * given.seconds) + 3], given.rate)
        print("two processes as fast as they can")
        measured(client, sender, list(FLAT_OUT))
        print(f"one process, a ring of {SMALL_RING_BYTES >> 10} KiB")
        measured(client, sender, [FLAT_OUT[0]], room=RingRoom(1, SMALL_RING_BYTES, SMALL_RING_BYTES))
    if set(paced) != {"events"}:
        sys.exit("events were lost at the paced rate")


if __name__ == "__main__":
    main()
