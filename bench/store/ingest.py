"""Profiles per second that a store takes one by one, each in its own commit, while others compact and three ask.

Usage: WEBPROF_DATA=EMPTY_DIRECTORY python -m bench.store.ingest [SECONDS] [PER_SECOND]
PER_SECOND 0: as fast as it goes. The time to accept is from before the append to its return; packing is not in it.
"""

import os
import sys
import time
from multiprocessing import Process

import django
import numpy as np

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webprof.settings")
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connections  # noqa: E402

from bench.store.build import NOW_MS  # noqa: E402
from bench.store.fleet import profile, service  # noqa: E402
from bench.store.measure import asked  # noqa: E402
from profiler.catalog.local import segment_store  # noqa: E402
from profiler.store.catalog import NewProfile  # noqa: E402

READERS, SERVICES, HOSTS, DIFFERENT = 3, 3, 20, 8


def main(seconds: float, per_second: float) -> None:
    call_command("migrate", verbosity=0)
    services = [service(number) for number in range(SERVICES)]
    packed = [profile(services[n % SERVICES], n % SERVICES, n, 0) for n in range(SERVICES * DIFFERENT)]
    connections.close_all()
    others = [Process(target=compact, daemon=True), *(Process(target=read, daemon=True) for _ in range(READERS))]
    for other in others:
        other.start()
    took = write(packed, seconds, per_second)
    for other in others:
        other.kill()
    ms = np.percentile(np.array(took) * 1e3, [50, 99, 100])
    print(f"{len(took) / seconds:.0f} profiles/s accepted; p50 {ms[0]:.1f} ms, p99 {ms[1]:.1f} ms, most {ms[2]:.0f} ms")
    kept = segment_store().series(asked("", 0, 24), 86_400_000).profiles.sum()
    print(f"load {os.getloadavg()[0]:.1f}; {kept} of {len(took)} kept")


def write(packed: list[NewProfile], seconds: float, per_second: float) -> list[float]:
    took: list[float] = []
    store, begin = segment_store(), time.monotonic()
    while (now := time.monotonic()) < begin + seconds:
        if per_second and len(took) > (now - begin) * per_second:
            time.sleep(0.001)
            continue
        one = packed[len(took) % len(packed)]
        ts_ms = one.ts_ms + len(took) * 10 % 80_000_000
        fresh = NewProfile(
            len(took) + 1, one.subject, one.labels, ts_ms, one.duration_ms, one.total, one.stacks, one.data
        )
        started = time.perf_counter()
        store.append([fresh], NOW_MS)
        took.append(time.perf_counter() - started)
    return took


def compact() -> None:
    while True:
        segment_store().compactor.compact()
        time.sleep(1)


def read() -> None:
    while True:
        segment_store().merge(asked('service="svc-00"', 0, 1)).tree()


if __name__ == "__main__":
    numbers = [float(text) for text in sys.argv[1:]]
    main(*(numbers + [20.0, 0.0][len(numbers) :]))
