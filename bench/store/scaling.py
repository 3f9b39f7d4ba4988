"""How far each backend of the profile store goes: arithmetic from measured costs, as tables for docs/scaling.md.

Usage: python -m bench.store.scaling. Change COSTS when `bench.store.build`, `.measure` or `.backends` say otherwise.
"""

from dataclasses import dataclass

DAY_S = 86_400
# As in the made-up fleet, which is what was measured: distinct stacks of a profile of a minute.
ROWS_PER_PROFILE = 1_475
# Distinct stacks of one service within an hour and a day: how much rollups are smaller than profiles.
STACKS_PER_SERVICE = 6_200
# What is kept how long (profiler/store/retention.py), in days.
RAW_DAYS, HOUR_DAYS, DAY_DAYS = 14, 90, 366
GIB = 2**30


@dataclass(frozen=True)
class Costs:
    """Measured. CPU in seconds, bytes on disk."""

    name: str
    # A profile: its sums, their numbers, packing and one row in the database; then its way into segments or the server.
    accept_s: float
    compact_s: float
    # By row of a profile, of a rollup, and by distinct stack of a service and day.
    raw_bytes: float
    rollup_bytes: float
    name_bytes: float
    # Adding up a million rows; the rest of a question: its tree and the message to the browser.
    merge_s: float
    tree_s: float


# accept: bench.store.build. All else of both in one run: `bench.store.backends --services 2 --minutes 120`, but
# merge_s of segments, which is of a day of a service by `bench.store.measure`; ClickHouse's by the ratio of that run.
# ClickHouse keeps names for 30 days together: a day's share.
COSTS = (
    Costs("segments", 0.0104, 0.0037, 0.93, 1.2, 35, 0.034, 0.03),
    Costs("ClickHouse", 0.0104, 0.0083, 1.81, 9.2, 259 / 30, 0.056, 0.05),
)


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


FLEETS = (Fleet(100, 5, 60, 50), Fleet(1_000, 5, 60, 50), Fleet(1_000, 5, 10, 50), Fleet(10_000, 5, 60, 200))


def main() -> None:
    for fleet in FLEETS:
        rows = fleet.per_second * ROWS_PER_PROFILE * DAY_S
        print(f"\n{fleet.hosts:,} hosts x {fleet.services} services, a profile each {fleet.every_s} s: ", end="")
        print(f"{fleet.per_second:,.0f} profiles/s, {rows / 1e9:,.1f} billion rows a day")
        print("| | " + " | ".join(costs.name for costs in COSTS) + " |\n|---|" + "---|" * len(COSTS))
        columns = [figures(fleet, costs, rows) for costs in COSTS]
        for name in columns[0]:
            print(f"| {name} | " + " | ".join(column[name] for column in columns) + " |")


def figures(fleet: Fleet, costs: Costs, rows: float) -> dict[str, str]:
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
        "cores to take in": f"{fleet.per_second * costs.accept_s:.1f}",
        "cores to compact, with the server's": f"{fleet.per_second * costs.compact_s:.1f}",
        "a day of profiles": f"{raw_day / GIB:,.1f} GiB",
        "all that is kept": f"{kept / GIB:,.0f} GiB",
        "a service's day, all hosts (ten minutes)": asked(144 * STACKS_PER_SERVICE),
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
