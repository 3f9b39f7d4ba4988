"""Several processes of one machine on one cache, and forks of a process that has talked to the store."""

import gc
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connections

from profiler.store.errors import StoreError
from profiler.store.store import Store
from tests.store.backends import make_object_store
from tests.store.fleet import DAY_S, expected, fill, question, recordings, stacks_of
from tests.store.objects.helpers import elsewhere, far, paths

# Forked ones have connections of their own, which see what is committed only.
pytestmark = pytest.mark.django_db(transaction=True)
MADE = recordings(60, seed=16, days=1)
WHOLE = question(end_s=DAY_S)
EDGES = (3_001, 80_003)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = make_object_store(tmp_path)
    fill(store, MADE, rounds=3)
    return store


def forked(work: Callable[[], None]) -> int:
    connections.close_all()
    # What is left of other tests' engines must not be cleared away by a child: DuckDB crashes there.
    gc.collect()
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        work()
        status = 0
    except BaseException:
        traceback.print_exc(file=sys.stderr)
    finally:
        os._exit(status)


def test_processes_that_evict_each_others_copies_answer_whole(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cache that holds what one question reads at once, and three processes that ask again and again."""
    monkeypatch.setattr("profiler.store.objects.cache.FRESH_S", 2)
    largest = max(path.stat().st_size for path in far(store).cache.root.iterdir())
    tight = elsewhere(store, tmp_path, cache_bytes=6 * largest)

    def ask() -> None:
        for number in range(8):
            begin_s = EDGES[0] + 600 * number
            merged = tight.merge(question("", begin_s, EDGES[1]))
            assert (merged.missing, stacks_of(merged.tree())) == ([], expected(MADE, begin_s, EDGES[1]))

    children = [forked(ask) for _ in range(3)]
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0, 0]
    monkeypatch.setattr("profiler.store.objects.cache.FRESH_S", 0)
    far(tight).cache.shrink()
    assert far(tight).cache.bytes() <= 6 * largest
    assert len(list(far(tight).cache.root.iterdir())) < len(paths())


def test_a_fork_of_a_process_that_has_talked_to_the_store_talks_to_it(store: Store, tmp_path: Path) -> None:
    reader = elsewhere(store, tmp_path)

    def ask() -> None:
        assert stacks_of(reader.merge(WHOLE).tree()) == expected(MADE)
        fill(reader, recordings(3, seed=17, days=1))

    far(reader).bucket.names()
    reader.merge(question("", *EDGES))
    child = forked(ask)
    assert os.waitpid(child, 0)[1] == 0
    assert len(far(store).bucket.names()) == len(paths())


def test_a_question_for_more_than_the_cache_may_hold_names_the_setting(store: Store, tmp_path: Path) -> None:
    tight = elsewhere(store, tmp_path, cache_bytes=100)
    with pytest.raises(StoreError, match="WEBPROF_STORE_CACHE_GIB"):
        tight.merge(WHOLE)
