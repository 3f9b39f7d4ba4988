"""One backend of the profile store, filled and asked: what `backends.py` starts twice. Prints JSON.

WEBPROF_STORE says which; BENCH_ENGINE is the process that the engine is in, when it is not this one.
"""

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django
import psutil

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webprof.settings")
django.setup()

from django.core.management import call_command  # noqa: E402

from bench.store.fleet import MIDNIGHT_S, profiles, service  # noqa: E402
from profiler.catalog.local import local_store  # noqa: E402
from profiler.core import wire  # noqa: E402
from profiler.core.selector import parse  # noqa: E402
from profiler.store.question import Question  # noqa: E402

HOUR_MS = 3_600_000


def measured(asked: argparse.Namespace) -> dict[str, Any]:
    call_command("migrate", verbosity=0)
    store, now_ms = local_store(), (MIDNIGHT_S + 2 * 86_400) * 1000
    times: dict[str, tuple[float, float]] = {}
    count = rows = 0
    spent = [0.0, 0.0]
    batch = []
    for one in profiles([service(number) for number in range(asked.services)], asked.minutes):
        batch.append(one)
        count, rows = count + 1, rows + one.stacks
        if len(batch) == 1000:
            spent = [a + b for a, b in zip(spent, settled(store, batch, now_ms), strict=True)]
            batch = []
    spent = [a + b for a, b in zip(spent, settled(store, batch, now_ms), strict=True)]
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
    return {"profiles": count, "rows": rows, "times": times, "totals": totals, "sizes": sizes(store, rows)}


def settled(store: Any, batch: list[Any], now_ms: int) -> tuple[float, float]:
    """CPU and wall seconds of what follows the append."""
    store.append(batch, now_ms)
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


def sizes(store: Any, rows: int) -> dict[str, float]:
    """Bytes per sample row on disk: raw rows, their names, and all else but times."""
    if os.environ.get("BENCH_ENGINE"):
        sql = (
            "SELECT table, sum(bytes_on_disk) AS b FROM system.parts WHERE active AND database = 'bench' GROUP BY table"
        )
        found = store.connection.query(sql)
        by_kind = dict(zip(found["table"].tolist(), found["b"].tolist(), strict=True))
        memory = psutil.Process(int(os.environ["BENCH_ENGINE"])).memory_info().rss
    else:
        folder = Path(os.environ["WEBPROF_DATA"]) / "store"
        by_kind = {}
        for day in store.catalog.days():
            for segment in store.catalog.snapshot(day, day, ()).segments:
                by_kind[segment.kind] = by_kind.get(segment.kind, 0) + (folder / segment.path).stat().st_size
        memory = psutil.Process().memory_info().rss
    names = sum(by_kind.pop(kind, 0) for kind in ("nodes", "stacks", "frames"))
    raw, events = by_kind.pop("raw"), by_kind.pop("times", 0)
    return {
        "bytes per row: profiles": raw / rows,
        "bytes per row: names": names / rows,
        "bytes per row: rollups, headers, losses": sum(by_kind.values()) / rows,
        "bytes per row: times of samples": events / rows,
        "memory of the process that has the engine, MB": memory / 2**20,
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    for option in ("--services", "--minutes", "--repeats"):
        parser.add_argument(option, type=int, default={"--services": 4, "--minutes": 240, "--repeats": 3}[option])
    json.dump(measured(parser.parse_args()), sys.stdout)
