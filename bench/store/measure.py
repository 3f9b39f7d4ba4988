"""Ask a store that `build` filled, beside Arrow and polars (`pip install polars`) on the same files and plain Python.

Usage: WEBPROF_DATA=DIRECTORY python -m bench.store.measure [REPEATS]
Prints CPU seconds of all threads (minimum) and wall seconds (median): on a shared machine, compare the first.
"""

import importlib
import importlib.util
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import django
import numpy as np
import pyarrow.dataset

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webprof.settings")
django.setup()

from django.contrib.auth.models import User  # noqa: E402
from django.db.models import Sum  # noqa: E402
from django.test import Client  # noqa: E402

from bench.store.fleet import MIDNIGHT_S, service  # noqa: E402
from profiler.catalog.local import segment_store  # noqa: E402
from profiler.core import wire  # noqa: E402
from profiler.core.identity import frame_hash  # noqa: E402
from profiler.core.selector import parse  # noqa: E402
from profiler.core.stack_trie import StackTrie  # noqa: E402
from profiler.models import StoreSegment  # noqa: E402
from profiler.store import sums  # noqa: E402
from profiler.store.kinds import DICTIONARY, RAW, TIERS  # noqa: E402
from profiler.store.question import Question  # noqa: E402

HOUR_MS = 3_600_000
MIDNIGHT_MS = MIDNIGHT_S * 1000
FIRST = 'service="svc-00"'


def asked(selector: str, begin_h: float, end_h: float) -> Question:
    return Question(parse(selector), MIDNIGHT_MS + int(begin_h * HOUR_MS), MIDNIGHT_MS + int(end_h * HOUR_MS))


def timed(name: str, work: Callable[[], Any], repeats: int) -> Any:
    work()
    walls, cpus = [], []
    for _ in range(repeats):
        wall, cpu = time.perf_counter(), time.process_time()
        result = work()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    print(f"{name:58} {min(cpus):8.3f} s CPU {statistics.median(walls):8.3f} s wall")
    return result


def merged(question: Question, tiers: Sequence[Any] = TIERS) -> bytes:
    """The pruned tree as the message that the browser gets, from these tiers only."""
    sums.TIERS = tuple(tiers)
    try:
        return wire.encode(segment_store().merge(question).tree())
    finally:
        sums.TIERS = TIERS


def main(repeats: int) -> None:
    rows = StoreSegment.objects.filter(kind=RAW.kind, unlisted_at=None).aggregate(rows=Sum("rows"))["rows"]
    print(f"{rows:,} sample rows, load {os.getloadavg()[0]:.1f}")
    sizes(rows)
    timed("1 service, 1 h → tree (profiles)", lambda: merged(asked(FIRST, 3.251, 4.251), [RAW]), repeats)
    timed("1 service, 1 h → tree (rollup)", lambda: merged(asked(FIRST, 3, 4)), repeats)
    timed("1 service, 24 h → tree, whole day", lambda: merged(asked(FIRST, 0, 24)), repeats)
    timed("1 service, 23.4 h → tree, edges in no step", lambda: merged(asked(FIRST, 0.251, 23.651)), repeats)
    timed("1 service, 24 h → tree (profiles only)", lambda: merged(asked(FIRST, 0, 24), [RAW]), repeats)
    timed("all services, 24 h → tree", lambda: merged(asked("", 0, 24)), repeats)
    client = api_client()
    timed("1 service, 1 h → tree, through the API", lambda: api_tree(client, asked(FIRST, 3.251, 4.251)), repeats)
    timed("1 service, 24 h → tree, through the API", lambda: api_tree(client, asked(FIRST, 0, 24)), repeats)
    timed("1 service, 1 h beside the hour before, through the API", lambda: api_diff(client), repeats)
    timed("labels of a day, all services, through the API", lambda: api_labels(client), repeats)
    store = segment_store()
    timed("1 service, all functions × 144", lambda: store.functions(asked(FIRST, 0, 24), HOUR_MS // 6), repeats)
    timed("all services, totals × 144", lambda: store.series(asked("", 0, 24), HOUR_MS // 6, "service"), repeats)
    baseline(repeats)
    tree_of_sums(repeats)
    subprocess.run([sys.executable, "-m", "bench.store.web_process"], check=True)


def api_client() -> Client:
    """A logged-in user's; requests take the whole way through Django, without a network."""
    user, _ = User.objects.get_or_create(username="bench", defaults={"is_superuser": True, "is_staff": True})
    client = Client(headers={"host": "localhost"})
    client.force_login(user)
    return client


def times_of(question: Question) -> dict[str, str]:
    """As the API is asked for it."""
    times = [datetime.fromtimestamp(ms / 1000, UTC).isoformat() for ms in (question.begin_ms, question.end_ms)]
    return {"selector": str(question.selector), "since": times[0], "until": times[1]}


def api_tree(client: Client, question: Question) -> bytes:
    answer = client.get("/api/v1/explore/tree", times_of(question))
    assert answer.status_code == 200, answer.content
    return answer.content


def api_diff(client: Client) -> bytes:
    other, base = asked(FIRST, 3.251, 4.251), asked(FIRST, 2.251, 3.251)
    sides = ((other, ""), (base, "base_"))
    query = {f"{prefix}{name}": text for one, prefix in sides for name, text in times_of(one).items()}
    answer = client.get("/api/v1/explore/diff", query)
    assert answer.status_code == 200, answer.content
    return answer.content


def api_labels(client: Client) -> bytes:
    answer = client.get("/api/v1/explore/labels", times_of(asked("", 0, 24)))
    assert answer.status_code == 200, answer.content
    return answer.content


def sizes(rows: int) -> None:
    listed = StoreSegment.objects.filter(unlisted_at=None)
    by_kind = dict(listed.values_list("kind").annotate(size=Sum("bytes")))
    needed = by_kind[RAW.kind] + sum(by_kind[kind] for kind in DICTIONARY)
    print(f"bytes per sample row: {needed / rows:.2f} with the dictionary, {sum(by_kind.values()) / rows:.2f} in all")
    print("  " + ", ".join(f"{kind} {size / rows:.3f}" for kind, size in sorted(by_kind.items())))


def baseline(repeats: int) -> None:
    """Sums alone, without trees, as others make them from the same profiles: Arrow, and polars when it is installed.

    Ratios are of CPU: theirs to ours, which ends with a pruned tree.
    """
    store = segment_store()
    subjects = store.catalog.subjects()
    first = next(number for number, one in subjects.items() if one.service == "svc-00")
    paths = [str(store.files.root / path) for path in listed_paths(RAW.kind)]
    for name, begin_h, end_h in (("1 h", 3.251, 4.251), ("24 h", 0, 24)):
        question = asked(FIRST, begin_h, end_h)
        ours = cpu_of(lambda question=question: merged(question), repeats)
        for tool, sums_by in OTHERS.items():
            if importlib.util.find_spec(tool.partition(".")[0]) is not None:
                theirs = cpu_of(lambda by=sums_by, question=question: by(paths, first, question), repeats)
                print(f"{tool}: sums of {name}, no tree: {theirs:.3f} s CPU, {theirs / ours:.1f} × ours ({ours:.3f} s)")


def cpu_of(work: Callable[[], Any], repeats: int) -> float:
    """The least of several."""
    work()
    used = []
    for _ in range(repeats):
        begin = time.process_time()
        work()
        used.append(time.process_time() - begin)
    return min(used)


def arrow_sums(paths: list[str], subject: int, question: Question) -> Any:
    field = pyarrow.dataset.field
    of_time = (field("ts") >= question.begin_ms) & (field("ts") < question.end_ms)
    rows = pyarrow.dataset.dataset(paths).to_table(["stack", "value"], filter=(field("subject") == subject) & of_time)
    return rows.group_by("stack").aggregate([("value", "sum")])


def polars_sums(paths: list[str], subject: int, question: Question) -> Any:
    pl = importlib.import_module("polars")
    of_time = pl.col("ts").is_between(question.begin_ms, question.end_ms, closed="left")
    rows = pl.scan_parquet(paths).filter((pl.col("subject") == subject) & of_time)
    return rows.group_by("stack").agg(pl.sum("value")).collect()


OTHERS: dict[str, Callable[[list[str], int, Question], Any]] = {"pyarrow": arrow_sums, "polars": polars_sums}


def listed_paths(kind: str) -> list[str]:
    return list(StoreSegment.objects.filter(kind=kind, unlisted_at=None).values_list("path", flat=True))


def tree_of_sums(repeats: int) -> None:
    """100,000 stacks of 17 services in one trie: totals of its nodes, beside nested dictionaries."""
    parents, frames, leaves, base = [], [], [], 0
    for number in range(17):
        one = service(number)
        hashes = np.array([frame_hash(frame) for frame in one.frames], dtype=np.uint64)
        parents.append(np.where(one.stacks.parent >= 0, one.stacks.parent + base, -1))
        frames.append(hashes[one.stacks.frame])
        leaves.append(one.leaf + base)
        base += len(one.stacks)
    parent, frame, leaf = np.concatenate(parents), np.concatenate(frames), np.concatenate(leaves)[:100_000]
    trie = StackTrie.build(parent, frame, leaf)
    value = np.arange(len(leaf)) % 1000 + 1
    totals = timed(f"totals of {len(leaf):,} stacks, {len(trie):,} nodes", lambda: totals_of(trie, value), repeats)
    begin = time.process_time()
    slow = nested(parent.tolist(), leaf.tolist(), value.tolist())
    print(f"{'  the same one by one, in Python':58} {time.process_time() - begin:8.3f} s CPU")
    assert sorted(totals[totals > 0].tolist()) == sorted(total for total in slow if total)


def totals_of(trie: StackTrie, value: Any) -> Any:
    return trie.totals(trie.own(np.arange(len(value)), value))


def nested(parent: list[int], leaf: list[int], value: list[int]) -> list[int]:
    totals = [0] * len(parent)
    for node, amount in zip(leaf, value, strict=True):
        above = node
        while above >= 0:
            totals[above] += amount
            above = parent[above]
    return totals


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
