"""How far each backend of the profile store goes: arithmetic from measured costs, as the table of docs/scaling.md.

Usage: python -m bench.store.scaling [FILE]. FILE is what `python -m bench.store.backends --costs FILE` wrote; without
it, costs.json beside this file, of `--services 2 --minutes 1440 --repeats 3`. Puts the table, and what was measured
for it, into the document, between its two marks. Both together:

python -m bench.store.backends --services 2 --minutes 1440 --repeats 3 --costs bench/store/costs.json &&
python -m bench.store.scaling
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


DOCUMENT = Path(__file__).parents[2] / "docs" / "scaling.md"
BEGIN, END = "<!-- bench.store.scaling -->\n", "<!-- end -->"
# ClickHouse keeps names for so many days together (store/clickhouse/schema.py): a day's share of them.
NAMED_DAYS = {"embedded": 1, "clickhouse": 30}


@dataclass(frozen=True)
class Costs:
    """Measured. CPU in seconds, bytes on disk: of a profile; by row of it, of a rollup, by distinct stack of a service.

    `accept_s`: of keeping a profile; `merge_s`: of adding up a million rows; `tree_s`: the rest of a question, its tree
    and the message to the browser; `load`: what else the machine did.
    """

    accept_s: float
    compact_s: float
    raw_bytes: float
    rollup_bytes: float
    name_bytes: float
    merge_s: float
    tree_s: float
    load: float


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
    before, _, rest = DOCUMENT.read_text().partition(BEGIN)
    DOCUMENT.write_text(f"{before}{BEGIN}{written(costs)}{END}{rest.partition(END)[2]}")


def written(costs: dict[str, Costs]) -> str:
    """What the document says: the measured costs, then the table."""
    said = [
        f"{name}: {1e3 * one.accept_s:.1f} ms of CPU to keep a profile, {1e3 * one.compact_s:.1f} ms to compact it, "
        f"{1e3 * one.merge_s:.0f} ms to add up a million rows, {one.raw_bytes:.2f} bytes a row of profiles and "
        f"{one.rollup_bytes:.2f} of rollups, at a load of {one.load:.0f}"
        for name, one in costs.items()
    ]
    return f"Measured: {'; '.join(said)}.\n\n{table(costs)}\n"


def table(costs: dict[str, Costs]) -> str:
    heads = [f"{fleet.hosts:,} × {fleet.services} × {fleet.every_s} s: {name}" for fleet in FLEETS for name in costs]
    columns = [figures(fleet, one) for fleet in FLEETS for one in costs.values()]
    lines = [f"| | {' | '.join(heads)} |", f"|---|{'---|' * len(columns)}"]
    lines += [f"| {name} | {' | '.join(column[name] for column in columns)} |" for name in columns[0]]
    return "\n".join(lines)


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
        "cores to keep what comes, each service's part by itself": f"{fleet.per_second * costs.accept_s:.1f}",
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
