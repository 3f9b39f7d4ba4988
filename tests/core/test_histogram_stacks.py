"""Examples of chosen buckets and seconds: which they are, and the stacks of just these."""

from dataclasses import replace

import msgpack
import numpy as np
import pytest

from profiler.core import batch
from profiler.core.builder import ProfileBuilder
from profiler.core.errors import BatchError
from profiler.core.frame import Frame, Thread
from profiler.core.histogram import Buckets
from profiler.core.histogram_batch import MAX_STACK_BYTES, Exemplar, HistogramBatch, decode, encode
from profiler.core.histogram_stacks import (
    EXAMPLES,
    MAX_CHOSEN,
    UNREADABLE,
    Chosen,
    chosen_examples,
    profile_of,
    stacks_of,
)  # fmt: skip
from profiler.core.profile import Profile, ProfileMeta

NS = 10**9
META = ProfileMeta(kind="probe", unit=EXAMPLES)
ALL = Chosen(0, 39, 0, 100 * NS)
FULL = "no room in the ring of stacks"


def second(at: int, values: tuple[int, ...] = (1500, 3000, 3001, 70_000)) -> HistogramBatch:
    """Examples of these values in threads 100, 101, …: each has a function of its bucket, but the last has no stack."""
    buckets, builder = Buckets(40), ProfileBuilder(META)
    main = builder.child(-1, builder.frame(Frame("main")))
    examples = []
    for i, value in enumerate(values):
        node = builder.child(main, builder.frame(Frame(f"bucket {buckets.index(value)}")))
        lost = i == len(values) - 1
        if not lost:
            builder.add(node, 1, builder.thread(Thread(7, 100 + i, "web", "/docker/a")))
        examples.append(
            Exemplar(
                at_ns=at * NS + i, value=value, pid=7, tid=100 + i, comm="web",
                labels=("vda", ("write", "read")[i % 2]),
                stack=None if lost else node, no_stack=FULL if lost else "",
            )
        )  # fmt: skip
    return HistogramBatch(
        "web-1", "block_latency", at * NS, (at + 1) * NS, buckets,
        (("vda", "read"),), np.zeros((1, 40), dtype=np.int64), (0,), tuple(examples), {}, batch.packed(builder.build()),
    )  # fmt: skip


def named(profile: Profile) -> dict[str, int]:
    """Value by innermost function."""
    found: dict[str, int] = {}
    for node, value in zip(profile.node.tolist(), profile.value.tolist(), strict=True):
        name = profile.frames[profile.stacks.frame[node]].name
        found[name] = found.get(name, 0) + value
    return found


def test_stacks_come_as_they_went() -> None:
    went = second(3)
    came = decode(encode(went))
    assert (came.exemplars, came.stacks) == (went.exemplars, went.stacks)
    profile = stacks_of(came)
    assert profile
    assert named(profile) == {"bucket 10": 1, "bucket 11": 2}


@pytest.mark.parametrize(
    ("chosen", "kept", "stacks"),
    [
        (ALL, 12, {"bucket 10": 3, "bucket 11": 6}),
        (replace(ALL, low=11, high=11), 6, {"bucket 11": 6}),
        (replace(ALL, low=16, high=16), 3, {}),
        (replace(ALL, from_ns=2 * NS, to_ns=3 * NS), 4, {"bucket 10": 1, "bucket 11": 2}),
        (replace(ALL, from_ns=2 * NS + 1, to_ns=2 * NS + 2), 1, {"bucket 11": 1}),
        (replace(ALL, row="vda / read"), 6, {"bucket 11": 3}),
        (replace(ALL, row="vdb / read"), 0, {}),
        (replace(ALL, low=20), 0, {}),
    ],
)
def test_what_is_chosen_is_all_that_the_graph_has(chosen: Chosen, kept: int, stacks: dict[str, int]) -> None:
    found = chosen_examples([second(at) for at in (1, 2, 3)], chosen)
    profile = profile_of(found, META)
    assert found.kept == len(found.examples) == kept
    assert named(profile) == stacks
    assert profile.total + sum(profile.quality.lost.values()) == kept == profile.quality.samples
    assert found.without_stack == profile.quality.lost
    assert {thread.cgroup for thread in profile.threads} <= {"/docker/a"}


def test_of_very_many_the_slowest_are_shown_and_all_are_counted() -> None:
    values = tuple(range(1000, 1000 + MAX_CHOSEN + 31))
    found = chosen_examples([second(1, values)], ALL)
    assert found.kept == MAX_CHOSEN + 31
    assert [example.value for example, _ in found.examples] == sorted(values)[: -MAX_CHOSEN - 1 : -1]


def test_stacks_that_can_not_be_read_are_told_and_cost_no_others() -> None:
    broken = replace(second(1), stacks=b"junk")
    profile = profile_of(chosen_examples([broken, second(2)], ALL), META)
    assert named(profile) == {"bucket 10": 1, "bucket 11": 2}
    assert profile.quality.lost == {UNREADABLE: 3, FULL: 2}


def test_a_number_that_no_stack_has_is_refused() -> None:
    wrong = second(1).exemplars[0].model_copy(update={"stack": 99})
    with pytest.raises(BatchError, match="stack 99"):
        stacks_of(replace(second(1), exemplars=(wrong,)))


def test_more_stacks_than_a_second_has_are_refused() -> None:
    with pytest.raises(BatchError, match="stacks"):
        decode(encode(replace(second(1), stacks=bytes(MAX_STACK_BYTES + 1))))


def test_packed_junk_is_refused() -> None:
    for junk in (b"junk", msgpack.packb({"schema": 1})):
        with pytest.raises(BatchError):
            stacks_of(replace(second(1), stacks=junk))
