"""Fill a profile store with a made-up fleet's day, through the ways that recordings take.

Usage: WEBPROF_DATA=DIRECTORY python -m bench.store.build [--services 4] [--minutes 240]
All 148.7 million sample rows: --services 50 --minutes 1440 (some 20 minutes on two idle cores, 400 MB). The same
command again goes on where one ended that was stopped.
"""

import argparse
import itertools
import os
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webprof.settings")
django.setup()

from django.core.management import call_command  # noqa: E402

from bench.store.fleet import MIDNIGHT_S, profiles, service  # noqa: E402
from profiler.catalog.local import segment_store  # noqa: E402
from profiler.models import StoreSeen  # noqa: E402
from profiler.store.levels import merge_level  # noqa: E402

NOW_MS = (MIDNIGHT_S + 2 * 86_400) * 1000
COMMIT, ROUND = 50, 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--services", type=int, default=4)
    parser.add_argument("--minutes", type=int, default=240)
    asked = parser.parse_args()
    call_command("migrate", verbosity=0)
    store = segment_store()
    services = [service(number) for number in range(asked.services)]
    already = StoreSeen.objects.count()
    made = profiles(services, asked.minutes, already)
    spent = dict.fromkeys(("make and pack", "append", "compact", "merge levels"), 0.0)
    count = rows = 0
    while some := list(itertools.islice(timed(made, spent), COMMIT)):
        spent["append"] += cpu(lambda batch=some: store.append(batch, NOW_MS))
        count += len(some)
        rows += sum(one.stacks for one in some)
        if count % ROUND == 0:
            settle(spent)
            print(f"{already + count:,} profiles, {rows:,} rows more", flush=True)
    settle(spent)
    print(f"{already + count:,} profiles, {rows:,} rows more; CPU per profile:")
    for name, seconds in spent.items():
        print(f"  {name:16} {seconds / max(count, 1) * 1e3:6.2f} ms")


def settle(spent: dict[str, float]) -> None:
    store = segment_store()

    def merge() -> None:
        while merge_level(store.catalog, store.files):
            pass

    spent["compact"] += cpu(store.compactor.compact)
    spent["merge levels"] += cpu(merge)


def timed(made, spent):  # type: ignore[no-untyped-def]
    """The iterator, its time counted."""
    while True:
        begin = time.process_time()
        one = next(made, None)
        spent["make and pack"] += time.process_time() - begin
        if one is None:
            return
        yield one


def cpu(work) -> float:  # type: ignore[no-untyped-def]
    begin = time.process_time()
    work()
    return time.process_time() - begin


if __name__ == "__main__":
    main()
