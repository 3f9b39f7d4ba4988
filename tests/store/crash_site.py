"""A writer, a compactor and one who deletes, killed again and again.

`python -m tests.store.crash_site KILLS SEED BACKEND` runs in a database and a directory of its own (WEBPROF_DATA,
DATABASE_URL) and prints what came of it as JSON. BACKEND is `embedded`; `clickhouse`: then the compactor is who sends
batches to the server, which lives on; or `s3`: each has a disk of its own, and segments are in a bucket that lives on.
"""

import json
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import django
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webprof.settings")
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connections  # noqa: E402

from profiler.catalog import deletions  # noqa: E402
from profiler.catalog.checking import checked  # noqa: E402
from profiler.catalog.django import DjangoCatalog  # noqa: E402
from profiler.models import StoreDeletion, StoreHot, StoreSegment  # noqa: E402
from profiler.store.clickhouse.address import Address  # noqa: E402
from profiler.store.clickhouse.store import ClickHouseStore  # noqa: E402
from profiler.store.errors import OvertakenError  # noqa: E402
from profiler.store.levels import merge_level  # noqa: E402
from profiler.store.protocol import ProfileStore  # noqa: E402
from profiler.store.retention import GRACE, sweep  # noqa: E402
from profiler.store.store import Store  # noqa: E402
from tests.store.backends import clickhouse_url, make_object_store, s3_address  # noqa: E402
from tests.store.fleet import DAY_S, NOW_MS, Recording, expected, make_store, question, recordings, stacks_of  # noqa: E402

Work = Callable[[ProfileStore, Path], None]
# Between two kills: a compaction puts eleven objects there, and should come to its end now and then.
LONGEST_S = {"embedded": 0.5, "clickhouse": 0.5, "s3": 1.5}
MADE = dict(enumerate(recordings(4000, seed=9)))


def write(store: ProfileStore, acknowledged: Path) -> None:
    """Keep profiles in random order, some twice; note a number only when the store said that it is kept."""
    rng = random.Random(os.getpid())
    with acknowledged.open("a", buffering=1) as notes:
        while True:
            numbers = rng.choices(range(len(MADE)), k=rng.randint(1, 4))
            store.append([MADE[number].kept() for number in numbers], NOW_MS)
            notes.write("".join(f"{number}\n" for number in numbers))


def compact(store: ProfileStore, acknowledged: Path) -> None:
    while True:
        try:
            if not isinstance(store, Store):
                store.compact(limit=50)
                continue
            store.compactor.compact(limit=50)
            merge_level(store.catalog, store.files, fanout=3)
            sweep(store.catalog, store.files, datetime.now(UTC) + GRACE)
        except OvertakenError:
            continue


def forget(store: ProfileStore, acknowledged: Path) -> None:
    """Delete some of what was kept: note what is going to be asked for, and what was."""
    rng = random.Random(os.getpid())
    with intended(acknowledged).open("a", buffering=1) as before, asked(acknowledged).open("a", buffering=1) as after:
        while True:
            told = acknowledged.read_text().split("\n")[:-1] if acknowledged.exists() else []
            if told:
                number = rng.choice(told)
                before.write(f"{number}\n")
                if deletions.ask(MADE[int(number)].id):
                    after.write(f"{number}\n")
            try:
                deletions.settle(store)
            except OvertakenError:
                continue


def intended(acknowledged: Path) -> Path:
    return acknowledged.with_suffix(".intended")


def asked(acknowledged: Path) -> Path:
    return acknowledged.with_suffix(".asked")


def numbers_in(path: Path) -> set[int]:
    return {int(line) for line in path.read_text().split("\n")[:-1]} if path.exists() else set()


def start(work: Work, store: ProfileStore, acknowledged: Path) -> int:
    connections.close_all()
    child = os.fork()
    if child:
        return child
    try:
        work(store, acknowledged)
    finally:
        os._exit(1)


def main(kills: int, seed: int, backend: str) -> None:
    rng = random.Random(seed)
    call_command("migrate", verbosity=0)
    if StoreHot.objects.exists() or StoreSegment.objects.exists():
        sys.exit("the catalog has profiles of another run: give this one a database of its own (DATABASE_URL)")
    acknowledged, works = Path(settings.DATA_DIR) / "acknowledged", [write, compact, forget]
    stores = ready(backend, len(works))
    store = stores[0]
    running = [start(work, mine, acknowledged) for work, mine in zip(works, stores, strict=True)]
    died = amid = 0
    for _ in range(kills):
        time.sleep(rng.uniform(0.01, LONGEST_S[backend]))
        victim = rng.randrange(len(works))
        os.kill(running[victim], signal.SIGKILL)
        _, status = os.waitpid(running[victim], 0)
        died += not os.WIFSIGNALED(status)
        amid += works[victim] is compact and StoreHot.objects.exclude(batch=0).exists()
        running[victim] = start(works[victim], stores[victim], acknowledged)
    for child in running:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    # What is on its way arrives: it was acknowledged.
    store.compact(limit=1)
    while StoreDeletion.objects.exists():
        deletions.settle(store)
    told, gone = numbers_in(acknowledged), numbers_in(asked(acknowledged))
    found = verdict(store, told - numbers_in(intended(acknowledged)), gone)
    json.dump({"died by themselves": died, "killed amid a batch": amid, **found}, sys.stdout)


def ready(backend: str, count: int) -> list[ProfileStore]:
    """One for each who works, on one machine or on several.

    With what is made once: whoever is killed often would never come to more than that.
    """
    root = Path(settings.DATA_DIR) / "store"
    if backend == "embedded":
        return [make_store(root)] * count
    if backend == "s3":
        address = s3_address()
        return [make_object_store(root / str(number), address) for number in range(count)]
    return [ready_server(root)] * count


def ready_server(root: Path) -> ProfileStore:
    store = ClickHouseStore(DjangoCatalog(), root, Address.parse(clickhouse_url()))
    store.append([MADE[0].kept()], NOW_MS)
    store.compact()
    return store


def verdict(store: ProfileStore, told: set[int], gone: set[int]) -> dict[str, int]:
    """How many acknowledged ones are not there, how many are there twice, and whether the sums say the same."""
    by_key = {one.kept().key: number for number, one in MADE.items()}
    kept = Counter(by_key[key] for key in keys(store))
    once: list[Recording] = [MADE[number] for number in kept]
    # By way of days; then by way of hours, ten minutes and profiles too.
    ranges = [(0, 2 * DAY_S), (3_001, 100_003)]
    wrong = sum(stacks_of(store.merge(question("", *one)).tree()) != expected(once, *one) for one in ranges)
    return {
        "acknowledged": len(told),
        "deleted": len(gone),
        "came back": len(gone & set(kept)),
        "lost": len(told - set(kept)),
        "doubled": sum(count > 1 for count in kept.values()),
        "wrong sums": wrong,
        **state(store),
    }


def state(store: ProfileStore) -> dict[str, int]:
    report = checked(store, mending=False)
    listed = StoreSegment.objects.filter(unlisted_at=None).count()
    return {"damage": len(report.findings), "segments": listed}


def keys(store: ProfileStore) -> list[int]:
    """As headers and hot rows say; each as often as it is there."""
    found = list(StoreHot.objects.filter(batch=0).values_list("key", flat=True))
    if isinstance(store, ClickHouseStore):
        sql = f"SELECT key FROM {store.connection.address.database}.hdr"  # noqa: S608
        return [*found, *store.connection.query(sql)["key"].tolist()]
    assert isinstance(store, Store)
    for day in store.catalog.days():
        segments = [s for s in store.catalog.snapshot(day, day, ()).segments if s.kind == "hdr"]
        with store.files.using(segments) as paths:
            found += store.files.engine.query("SELECT key FROM read_parquet(?)", [paths])["key"].tolist()
    return found


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
