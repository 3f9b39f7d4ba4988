"""One backend of the profile store, filled and asked: what `backends.py` starts twice. Prints JSON.

WEBPROF_STORE says which; BENCH_ENGINE is the process that the engine is in, when it is not this one.
"""

import argparse
import itertools
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import django
import psutil

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webprof.settings")
django.setup()

from django.core.management import call_command  # noqa: E402

from bench.store.fleet import MIDNIGHT_S, STACKS, profiles, service  # noqa: E402
from profiler.catalog import summary  # noqa: E402
from profiler.catalog.local import local_store  # noqa: E402
from profiler.core import wire  # noqa: E402
from profiler.core.selector import parse  # noqa: E402
from profiler.store import sums  # noqa: E402
from profiler.store.clickhouse.state import server_state  # noqa: E402
from profiler.store.clickhouse.store import ClickHouseStore  # noqa: E402
from profiler.store.held import Held  # noqa: E402
from profiler.store.kinds import RAW, TIERS  # noqa: E402
from profiler.store.question import Question  # noqa: E402

HOUR_MS = 3_600_000
NAMES = ("nodes", "stacks", "frames")
FROM_PROFILES = "1 service, the day, from profiles alone"


def measured(asked: argparse.Namespace) -> dict[str, Any]:
    call_command("migrate", verbosity=0)
    store, now_ms = local_store(), (MIDNIGHT_S + 2 * 86_400) * 1000
    times: dict[str, tuple[float, float]] = {}
    made = profiles([service(number) for number in range(asked.services)], asked.minutes)
    count = rows = 0
    # CPU of what a worker does to take a profile in; CPU and wall seconds of what follows.
    accepted, spent = 0.0, [0.0, 0.0]
    begin = time.process_time()
    while batch := list(itertools.islice(made, 1000)):
        store.append(batch, now_ms)
        accepted += time.process_time() - begin
        count, rows = count + len(batch), rows + sum(one.stacks for one in batch)
        spent = [a + b for a, b in zip(spent, settled(store), strict=True)]
        begin = time.process_time()
    times["compact and merge, per 1,000 profiles"] = (spent[0] / count * 1e3, spent[1] / count * 1e3)

    def question(selector: str, begin_h: float, end_h: float) -> Question:
        base = MIDNIGHT_S * 1000
        return Question(parse(selector), base + int(begin_h * HOUR_MS), base + int(end_h * HOUR_MS))

    first, hours = 'service="svc-00"', asked.minutes / 60
    totals = {}
    for name, selector, begin, end in (
        ("1 service, 1 h from profiles and 10 min", first, 0.751, 1.751),
        ("1 service, 1 h from rollups", first, 1, 2),
        ("1 service, all hours but odd edges", first, 0.251, hours - 0.251),
        ("1 service, the day", first, 0, 24),
        ("1 host of it, all hours but odd edges", f'{first}, host="host-0-1"', 0.251, hours - 0.251),
        ("all services, the day", "", 0, 24),
    ):
        asked_for = question(selector, begin, end)
        times[name] = timed(lambda asked_for=asked_for: wire.encode(store.merge(asked_for).tree()), asked.repeats)
        totals[name] = int(store.merge(asked_for).tree().total[0])
    step_ms = max(int(hours * HOUR_MS) // 144, 600_000)
    day = question(first, 0, hours)
    times["1 service, every function over time"] = timed(lambda: store.functions(day, step_ms), asked.repeats)
    every = question("", 0, hours)
    times["all services, totals over time"] = timed(lambda: store.series(every, step_ms, "service"), asked.repeats)
    minute = question(first, 1, 1 + 1 / 60)
    times["1 service, heat map of a minute"] = timed(lambda: store.heatmap(minute, 20, 1000), asked.repeats)
    whole = question(first, 0, hours)
    before, sums.TIERS = sums.TIERS, (RAW,)
    times[FROM_PROFILES] = timed(lambda: wire.encode(store.merge(whole).tree()), asked.repeats)
    sums.TIERS = before
    held = {one.kind: one for one in kept(store)}
    return {
        "profiles": count,
        "rows": rows,
        "times": times,
        "totals": totals,
        "sizes": sizes(held, rows),
        "costs": {
            "accept_s": accepted / count,
            "compact_s": spent[0] / count,
            **costs(held, rows / 1e6 * shares(asked.services), asked.services, times),
        },
    }


def shares(services: int) -> float:
    """Of the rows that the first service has: it runs on more hosts than the others."""
    hosts = [service(number).hosts for number in range(services)]
    return hosts[0] / sum(hosts)


def costs(held: Mapping[str, Held], first_rows: float, services: int, times: Mapping[str, tuple[float, float]]) -> Any:
    """What `scaling.py` reckons with. `first_rows`: millions of the first service's."""
    rollups = [held[tier.kind] for tier in TIERS[1:]]
    tree_s = times["1 service, 1 h from rollups"][0]
    return {
        "raw_bytes": held["raw"].bytes / held["raw"].rows,
        "rollup_bytes": sum(one.bytes for one in rollups) / sum(one.rows for one in rollups),
        "name_bytes": sum(held[kind].bytes for kind in NAMES if kind in held) / (services * STACKS),
        "merge_s": (times[FROM_PROFILES][0] - tree_s) / first_rows,
        "tree_s": tree_s,
    }


def kept(store: Any) -> Sequence[Held]:
    if isinstance(store, ClickHouseStore):
        # Sums of the same key become one row when parts are merged: as they will lie after a while.
        for tier in TIERS:
            store.connection.command(f"OPTIMIZE TABLE {store.connection.address.database}.{tier.kind} FINAL")
        return server_state(store.connection.address).tables
    return summary.segments()


def settled(store: Any) -> tuple[float, float]:
    """CPU and wall seconds of what follows the append."""
    cpu, wall = used(), time.perf_counter()
    while store.compact() or store.merge_levels():
        pass
    return used() - cpu, time.perf_counter() - wall


def used() -> float:
    """CPU seconds of this process and the engine's."""
    engine = os.environ.get("BENCH_ENGINE")
    return time.process_time() + (sum(psutil.Process(int(engine)).cpu_times()[:2]) if engine else 0.0)


def timed(work: Callable[[], Any], repeats: int) -> tuple[float, float]:
    work()
    cpus, walls = [], []
    for _ in range(repeats):
        cpu, wall = used(), time.perf_counter()
        work()
        cpus.append(used() - cpu)
        walls.append(time.perf_counter() - wall)
    return min(cpus), statistics.median(walls)


def sizes(held: Mapping[str, Held], rows: int) -> dict[str, float]:
    """Bytes per sample row on disk: raw rows, their names, and all else but times."""
    engine = os.environ.get("BENCH_ENGINE")
    process = psutil.Process(int(engine) if engine else None)
    names = sum(one.bytes for kind, one in held.items() if kind in NAMES)
    rest = sum(one.bytes for kind, one in held.items() if kind not in (*NAMES, "raw", "times"))
    return {
        "bytes per row: profiles": held["raw"].bytes / rows,
        "bytes per row: names": names / rows,
        "bytes per row: rollups, headers, losses": rest / rows,
        "bytes per row: times of samples": held["times"].bytes / rows if "times" in held else 0.0,
        "memory of the process that has the engine, MB": process.memory_info().rss / 2**20,
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    for option in ("--services", "--minutes", "--repeats"):
        parser.add_argument(option, type=int, default={"--services": 4, "--minutes": 240, "--repeats": 3}[option])
    json.dump(measured(parser.parse_args()), sys.stdout)
