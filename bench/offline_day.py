"""A host that was away for a day: what it keeps, and how long the server takes to have it all.

Usage: WEBPROF_DATA=EMPTY_DIRECTORY python -m bench.offline_day [PROFILES] [SECONDS]

Needs root. Profiles the host continuously for SECONDS (default 65) beside a load of one CPU, then spools as many
profiles like these as a day has (default 1,440, one a minute) while Redis is away, starts Redis, and drains it as the
server does. Prints the agent's own cost meanwhile, bytes per profile, and whether the totals in the store are right.
"""

import itertools
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webprof.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.utils import timezone  # noqa: E402

from profiler.agent.continuous import ContinuousProfiler, Policy  # noqa: E402
from profiler.agent.cost import own_cost  # noqa: E402
from profiler.agent.cost.budget import Budget  # noqa: E402
from profiler.agent.cost.governor import Governor  # noqa: E402
from profiler.agent.delivery.courier import Courier  # noqa: E402
from profiler.agent.delivery.outcome import Outcome  # noqa: E402
from profiler.agent.delivery.publisher import connect  # noqa: E402
from profiler.agent.delivery.spool import CONTINUOUS, Spool  # noqa: E402
from profiler.agent.flight import FlightRecorder  # noqa: E402
from profiler.catalog.local import local_store  # noqa: E402
from profiler.core import batch  # noqa: E402
from profiler.core.continuous import ContinuousSettings  # noqa: E402
from profiler.core.ids import uuid7  # noqa: E402
from profiler.core.profile import Profile  # noqa: E402
from profiler.core.range_cover import DAY_MS  # noqa: E402
from profiler.core.selector import parse  # noqa: E402
from profiler.ingest.drain import drain  # noqa: E402
from profiler.models import Host  # noqa: E402
from profiler.store.question import Question  # noqa: E402

HOST = "bench-host"
LOAD = "while True: sum(range(1000))"
MINUTE_NS = 60 * 10**9


def main(count: int, seconds: float) -> None:
    directory = Path(settings.DATA_DIR)
    settings.REDIS_URL = f"unix://{directory}/redis.sock"
    call_command("migrate", verbosity=0)
    Host.objects.create(pk=HOST, last_seen=timezone.now())
    whole = recorded(directory, seconds)
    spool = Spool(directory / "day", CONTINUOUS)
    begin = time.monotonic()
    total = sum(spooled(spool, whole[n % len(whole)], n, count) for n in range(count))
    took = time.monotonic() - begin
    print(f"spooled {len(spool)} profiles in {took:.1f} s: {spool.bytes / 2**20:.1f} MiB, {spool.dropped} dropped")
    drained(spool, directory, count, total)


def recorded(directory: Path, seconds: float) -> list[Profile]:
    """Whole profiles of ten seconds, after one that warms everything up."""
    spool = Spool(directory / "continuous", CONTINUOUS)
    flight = FlightRecorder(HOST, directory)
    profiler = ContinuousProfiler(HOST, directory, spool, flight, Governor(Budget(None, None)), Policy())
    profiler.configure(ContinuousSettings(on=True))
    with subprocess.Popen([sys.executable, "-c", LOAD]) as load:
        profiler.start()
        while len(spool) < 2:
            time.sleep(0.5)
        before, at = own_cost.cpu_ns(), time.monotonic()
        time.sleep(seconds)
        used, elapsed = own_cost.cpu_ns() - before, time.monotonic() - at
        state = profiler.state()
        load.kill()
    profiler.stop(30)
    profiles = taken(spool)
    gaps = [
        after.meta.start_ns - (one.meta.start_ns + one.meta.duration_ns) for one, after in itertools.pairwise(profiles)
    ]
    cost = used / 1e9 / elapsed
    print(f"continuous at 19 Hz, one busy CPU: {cost:.2%} of a CPU")
    print(
        f"{len(profiles)} profiles, largest gap {max(gaps)} ns, {state.missed_s} s missed (starting), {state.problem!r}"
    )
    return profiles[1:-1]


def taken(spool: Spool) -> list[Profile]:
    found = []
    while (waiting := spool.oldest()) is not None:
        found.append(batch.decode(waiting[1].batch or b""))
        spool.remove(waiting[0])
    return found


def spooled(spool: Spool, profile: Profile, number: int, count: int) -> int:
    """The same samples as of another minute of the last day; its total."""
    start_ns = time.time_ns() - (count - number) * MINUTE_NS
    made = str(uuid7(start_ns // 10**6, os.urandom(10)))
    spool.put(Outcome(None, batch.encode(replace(profile, meta=replace(profile.meta, id=made, start_ns=start_ns)))))
    return profile.total * profile.meta.period_ns


def drained(spool: Spool, directory: Path, count: int, total: int) -> None:
    redis = ["redis-server", "--port", "0", "--unixsocket", f"{directory}/redis.sock", "--save", ""]
    with subprocess.Popen([*redis, "--dir", str(directory)], stdout=subprocess.DEVNULL) as server:
        courier = Courier(spool, connect(settings.REDIS_URL, 10), lambda: None)
        while not (directory / "redis.sock").exists():
            time.sleep(0.05)
        begin = time.monotonic()
        courier.start()
        while len(spool) or drain():
            drain()
        took = time.monotonic() - begin
        server.kill()
    now_ms = time.time_ns() // 10**6
    series = local_store().series(Question(parse(""), now_ms - 2 * DAY_MS, now_ms), DAY_MS, None)
    kept = int(series.values.sum())
    print(f"in the store after {took:.1f} s: {count / took:.0f} profiles/s; total {kept} of {total}")
    if kept != total:
        sys.exit("the totals differ")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1440, float(sys.argv[2]) if len(sys.argv) > 2 else 65)
