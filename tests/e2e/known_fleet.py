"""A day of a made-up shop in a real store, with sums that anybody can work out. `tests/e2e/fill_fleet.py` fills.

Yesterday (UTC), a profile every half hour of 12 services on two hosts each. At noon version v2 of everything is rolled
out: `json.loads` takes more, `render_page` is gone, `cache.get` is new.
"""

import math
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from profiler.core.builder import ProfileBuilder
from profiler.core.frame import Frame, FrameKind
from profiler.core.profile import ProfileMeta
from profiler.core.stack_sums import stack_sums
from profiler.store.catalog import NewProfile
from profiler.store.hot import new_profile

# Of the day before the tests began: they may run across midnight.
MIDNIGHT = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
STEP_S = 1800
SECOND_NS = 10**9
# A sample stands for a second: enough for hours and minutes that tell sums apart.
PERIOD_NS = SECOND_NS
SERVICES = [
    "shop-web",
    "shop-api",
    "shop-search",
    "shop-cart",
    "shop-db",
    "shop-mail",
    *(f"shop-job-{n}" for n in range(1, 7)),
]
HOSTS = ["shop-1", "shop-2"]
NOON_S = 12 * 3600
DAY_S = 86_400
HANDLE = ("main", "run_forever", "serve", "handle_request")
V1 = {
    (*HANDLE, "parse_body", "json.loads"): 20,
    (*HANDLE, "render_page", "escape"): 30,
    (*HANDLE, "db.query", "[k]tcp_recvmsg"): 40,
    ("main", "gc.collect"): 10,
}
V2 = {
    (*HANDLE, "parse_body", "json.loads"): 45,
    (*HANDLE, "cache.get"): 15,
    (*HANDLE, "db.query", "[k]tcp_recvmsg"): 50,
    ("main", "gc.collect"): 10,
}


def busy(at_s: int) -> int:
    """How much more there is to do by day: 1 to 9."""
    return 5 - round(4 * math.cos(2 * math.pi * at_s / DAY_S))


def stacks(service: str, at_s: int) -> Mapping[tuple[str, ...], int]:
    """Samples of a profile by stack; the first service has the most."""
    times = busy(at_s) * (len(SERVICES) - SERVICES.index(service))
    return {stack: value * times for stack, value in (V2 if at_s >= NOON_S else V1).items()}


def total(begin_s: int = 0, end_s: int = DAY_S, service: str = "", frame: str = "") -> int:
    """Samples of a part of the day on both hosts: of all services or one, of all stacks or those with a frame."""
    return sum(
        value * len(HOSTS)
        for at_s in range(begin_s, end_s, STEP_S)
        for one in ([service] if service else SERVICES)
        for stack, value in stacks(one, at_s).items()
        if not frame or frame in stack
    )


def frame(name: str) -> Frame:
    if name.startswith("[k]"):
        return Frame(name.removeprefix("[k]"), FrameKind.KERNEL, "[kernel]")
    if name == "main":
        return Frame(name, FrameKind.NATIVE, "python3")
    return Frame(name, FrameKind.PYTHON, "", "", 0, "shop.py", 7)


def profiles(midnight_s: int) -> Iterator[NewProfile]:
    """Of the day that begins then (Unix time)."""
    for at_s in range(0, DAY_S, STEP_S):
        for service in SERVICES:
            for host in HOSTS:
                meta = ProfileMeta(
                    id=f"{service}-{host}-{at_s}-{midnight_s}",
                    host=host,
                    start_ns=(midnight_s + at_s) * SECOND_NS,
                    duration_ns=60 * SECOND_NS,
                    period_ns=PERIOD_NS,
                )
                builder = ProfileBuilder(meta)
                for stack, value in stacks(service, at_s).items():
                    builder.add(builder.stack(builder.frame(frame(one)) for one in stack), value)
                labels = {"version": "v2" if at_s >= NOON_S else "v1"}
                yield new_profile(meta, service, stack_sums(builder.build()), labels)
