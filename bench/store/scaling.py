"""How far each backend of the profile store goes: arithmetic from measured costs, as the table of docs/scaling.md.

Usage: python -m bench.store.scaling [FILE]. FILE is what `python -m bench.store.backends --costs FILE` wrote; without
it, costs.json beside this file, of `--services 2 --minutes 1440 --repeats 3`.
"""

import json
import sys
from dataclasses import dataclass, fields, replace
from pathlib import Path

DAY_S = 86_400
# As in the made-up fleet, which is what was measured: 154.7 million rows of 100,800 profiles.
ROWS_PER_PROFILE = 1_535
# Distinct stacks of one service within an hour and a day: how much rollups are smaller than profiles.
STACKS_PER_SERVICE = 6_200
# What is kept how long (profiler/store/retention.py), in days.
RAW_DAYS, HOUR_DAYS, DAY_DAYS = 14, 90, 366
GIB = 2**30


# Taken in by one worker beside readers: bench.store.ingest. The same for both: it is before the store's part.
INGEST_PER_S = 89
# ClickHouse keeps names for so many days together (store/clickhouse/schema.py): a day's share of them.
NAMED_DAYS = {"embedded": 1, "clickhouse": 30}


@dataclass(frozen=True)
class Costs:
    """Measured. CPU in seconds, bytes on disk: of a profile; by row of it, of a rollup, by distinct stack of a service.

    `merge_s`: of adding up a million rows; `tree_s`: the rest of a question, its tree and the message to the browser.
    """

    compact_s: float
    raw_bytes: float
    rollup_bytes: float
    name_bytes: float
    merge_s: float
    tree_s: float


def measured(path: Path) -> dict[str, Costs]:
    found = json.loads(path.read_text())
    names = [field.name for field in fields(Costs)]
    costs = {backend: Costs(**{name: one[name] for name in names}) for backend, one in found.items()}
    return {backend: replace(one, name_bytes=one.name_bytes / NAMED_DAYS[backend]) for backend, one in costs.items()}


@dataclass(frozen=True)
class Fleet:
    """`services` on each host; `kinds` of services there are in all, spread evenly over the hosts."""

    hosts: int
    services: int
    every_s: int
    kinds: int

    @property
    def per_second(self) -> float:
        return self.hosts * self.services / self.every_s

    @property
    def series_per_service(self) -> float:
        return self.hosts * self.services / self.kinds


FLEETS = (Fleet(1_000, 5, 60, 50), Fleet(10_000, 5, 60, 200))


def main() -> None:
    costs = measured(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("costs.json"))
    heads = [f"{fleet.hosts:,} × {fleet.services} × {fleet.every_s} s: {name}" for fleet in FLEETS for name in costs]
    columns = [figures(fleet, one) for fleet in FLEETS for one in costs.values()]
    print(f"| | {' | '.join(heads)} |\n|---|{'---|' * len(columns)}")
    for name in columns[0]:
        print(f"| {name} | {' | '.join(column[name] for column in columns)} |")


def figures(fleet: Fleet, costs: Costs) -> dict[str, str]:
    rows = fleet.per_second * ROWS_PER_PROFILE * DAY_S
    names = fleet.kinds * STACKS_PER_SERVICE * costs.name_bytes
    hour = hourly_rows(fleet)
    raw_day = rows * costs.raw_bytes + names
    # Ten-minute rows are of all series together.
    ten = fleet.kinds * STACKS_PER_SERVICE * 144 * costs.rollup_bytes
    kept = RAW_DAYS * (raw_day + ten) + HOUR_DAYS * hour * 24 * costs.rollup_bytes
    kept += DAY_DAYS * (daily_rows(fleet) * costs.rollup_bytes + names)
    service_day = rows / fleet.kinds

    def asked(rows: float) -> str:
        return f"{rows / 1e6 * costs.merge_s + costs.tree_s:.2f} s"

    return {
        "profiles/s; rows a day": f"{fleet.per_second:,.0f}; {rows / 1e9:,.1f} billion",
        "workers to take in, before the store's part": f"{fleet.per_second / INGEST_PER_S:.1f}",
        "cores to compact, with the server's": f"{fleet.per_second * costs.compact_s:.1f}",
        "a day of profiles": f"{raw_day / GIB:,.1f} GiB",
        "all that is kept (profiles 14 days, hours 90, days 366)": f"{kept / GIB:,.0f} GiB",
        "a service's day, all hosts (ten minutes), CPU": asked(144 * STACKS_PER_SERVICE),
        "a service's hour, half of the hosts (profiles)": asked(service_day / 24 / 2),
        "a service's day, half of the hosts (hours)": asked(hour * 24 / fleet.kinds / 2),
        "a service's day, from profiles alone": asked(service_day),
        "all services, a day (days)": asked(daily_rows(fleet)),
    }


def hourly_rows(fleet: Fleet) -> float:
    """Rows of one hour: a series has as many as its distinct stacks then, most of what the service has."""
    return fleet.hosts * fleet.services * min(STACKS_PER_SERVICE, ROWS_PER_PROFILE * 3600 / fleet.every_s)


def daily_rows(fleet: Fleet) -> float:
    return fleet.hosts * fleet.services * STACKS_PER_SERVICE


if __name__ == "__main__":
    main()
