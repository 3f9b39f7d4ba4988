"""How fast the profiles of a host that was away come in: decoded, put apart by service, and kept, one after the other.

Usage: WEBPROF_DATA=EMPTY_DIRECTORY python -m bench.store.backlog [PROFILES] [SERVICES]
Made-up profiles as a busy host sends them: ten seconds with some 340 samples of SERVICES services (default 40), whose
stacks recur. What Redis does is not in it: `bench.offline_day` has all of it, with recordings of its own.
"""

import cProfile
import os
import pstats
import random
import sys
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webprof.settings")
django.setup()

from django.core.management import call_command  # noqa: E402
from django.utils import timezone  # noqa: E402

from profiler.catalog.local import local_store  # noqa: E402
from profiler.core import batch  # noqa: E402
from profiler.core.builder import ProfileBuilder  # noqa: E402
from profiler.core.continuous import CONTINUOUS, SOURCE  # noqa: E402
from profiler.core.frame import Frame, FrameKind, Thread  # noqa: E402
from profiler.core.ids import uuid7  # noqa: E402
from profiler.core.profile import ProfileMeta  # noqa: E402
from profiler.core.range_cover import DAY_MS  # noqa: E402
from profiler.core.selector import parse  # noqa: E402
from profiler.ingest import continuous  # noqa: E402
from profiler.models import Host  # noqa: E402
from profiler.store.question import Question  # noqa: E402

HOST, DIFFERENT, SAMPLES, LENGTH_NS = "bench-host", 20, 340, 10 * 10**9
STACKS_OF_ONE = 30


def main(count: int, services: int, *, explain: bool = False) -> None:
    call_command("migrate", verbosity=0)
    Host.objects.get_or_create(pk=HOST, defaults={"last_seen": timezone.now()})
    made = [encoded(number, services, count) for number in range(count)]
    continuous.take({b"data": encoded(count, services, count)})
    profiler = cProfile.Profile()
    begin, cpu = time.perf_counter(), time.process_time()
    if explain:
        profiler.enable()
    for data in made:
        continuous.take({b"data": data})
    profiler.disable()
    took, used = time.perf_counter() - begin, time.process_time() - cpu
    print(f"{count / took:.0f} profiles/s of {services} services, {1000 * used / count:.1f} ms of CPU each")
    print(f"load {os.getloadavg()[0]:.1f}, {sum(map(len, made)) / count / 1024:.1f} KiB a profile")
    if explain:
        pstats.Stats(profiler).sort_stats("cumulative").print_stats(45)
    now_ms = time.time_ns() // 10**6
    series = local_store().series(Question(parse(""), now_ms - 2 * DAY_MS, now_ms), DAY_MS, None)
    if int(series.values.sum()) != (count + 1) * SAMPLES * period_ns():
        sys.exit("the totals differ")


def period_ns() -> int:
    return round(1e9 / 19)


def encoded(number: int, services: int, count: int) -> bytes:
    """The profile that the host made that many ten seconds ago; another one of DIFFERENT."""
    draw = random.Random(number % DIFFERENT)
    start_ns = time.time_ns() - (count - number + 2) * LENGTH_NS
    labels = {SOURCE: CONTINUOUS}
    made = str(uuid7(start_ns // 10**6, os.urandom(10)))
    meta = ProfileMeta(
        id=made, host=HOST, start_ns=start_ns, duration_ns=LENGTH_NS, period_ns=period_ns(), labels=labels
    )
    builder = ProfileBuilder(meta)
    for _ in range(SAMPLES):
        service = draw.randrange(services)
        stack = random.Random(service * STACKS_OF_ONE + draw.randrange(STACKS_OF_ONE))
        names = [f"function_{service}_{stack.randrange(200)}" for _ in range(stack.randint(8, 40))]
        frames = [builder.frame(Frame(name, FrameKind.NATIVE, f"program-{service}")) for name in ("main", *names)]
        builder.add(builder.stack(frames), 1, builder.thread(Thread(1000 + service, 1000 + service, f"svc-{service}")))
    return batch.encode(builder.build())


if __name__ == "__main__":
    numbers = [int(text) for text in sys.argv[1:] if text.isdigit()]
    main(*(numbers + [300, 40][len(numbers) :]), explain="--explain" in sys.argv)
