"""Speedscope's files: sampled and evented, of every unit, whole or damaged."""

import io
import json
from typing import Any

import pytest

from profiler.core.errors import FormatError
from profiler.core.profile import Profile
from profiler.formats import registry, speedscope
from profiler.formats.base import Limits
from profiler.formats.call_events import BACKWARDS, CLOSED_ABOVE, NOT_CLOSED, NOT_OPEN
from tests.formats.support import stacks

SCHEMA = "https://www.speedscope.app/file-format-schema.json"
FRAMES: list[dict[str, Any]] = [
    {"name": "main", "file": "a.py", "line": 3},
    {"name": "work"},
    {"name": "rest", "line": None},
]


def document(*profiles: dict[str, Any], frames: list[dict[str, Any]] = FRAMES) -> bytes:
    return json.dumps({"$schema": SCHEMA, "shared": {"frames": frames}, "profiles": list(profiles)}).encode()


def sampled(samples: list[list[int]], weights: list[float], **more: Any) -> dict[str, Any]:
    return {"type": "sampled", "name": "t", "unit": "none", "samples": samples, "weights": weights, **more}


def evented(*events: tuple[str, int, float], **more: Any) -> dict[str, Any]:
    listed = [{"type": type_, "frame": frame, "at": at} for type_, frame, at in events]
    return {"type": "evented", "name": "t", "unit": "none", "startValue": 0, "endValue": 0, "events": listed, **more}


def load(data: bytes, limits: Limits = Limits()) -> list[Profile]:  # noqa: B008 - frozen
    return registry.load(io.BytesIO(data), "f", limits)


def test_samples_keep_their_weights_frames_and_sources() -> None:
    (profile,) = load(document(sampled([[0, 1], [0, 1], [0]], [2, 3, 7])))
    assert stacks(profile) == {"main;work": 5, "main": 7}
    assert (profile.meta.kind, profile.meta.unit, profile.quality.samples) == ("cpu", "samples", 3)
    assert profile.frames[0].file == "a.py"
    assert profile.frames[0].line == 3


@pytest.mark.parametrize(
    ("unit", "weight", "value", "here"),
    [
        ("seconds", 0.5, 500_000_000, "nanoseconds"),
        ("milliseconds", 2, 2_000_000, "nanoseconds"),
        ("microseconds", 1.5, 1_500, "nanoseconds"),
        ("nanoseconds", 7, 7, "nanoseconds"),
        ("bytes", 4096, 4096, "bytes"),
        ("none", 0.25, 250_000, "microsamples"),
    ],
)
def test_units_are_ours(unit: str, weight: float, value: int, here: str) -> None:
    (profile,) = load(document(sampled([[0]], [weight], unit=unit)))
    assert (profile.total, profile.meta.unit) == (value, here)


def test_profiles_of_one_unit_are_threads_of_one_and_others_stay_apart() -> None:
    found = load(
        document(
            sampled([[0]], [1], name="a", unit="seconds"),
            sampled([[1]], [2], name="b", unit="milliseconds"),
            sampled([[2]], [4], unit="bytes"),
        )
    )
    assert [profile.meta.unit for profile in found] == ["nanoseconds", "bytes"]
    assert {thread.comm for profile in found for thread in profile.threads} == {"a", "b", "t"}


def test_time_between_events_is_the_innermost_calls() -> None:
    events = [("O", 0, 0), ("O", 1, 2), ("C", 1, 7), ("C", 0, 11)]
    (profile,) = load(document(evented(*events)))
    assert stacks(profile) == {"main": 6, "main;work": 5}
    assert profile.quality.skipped == {}


@pytest.mark.parametrize(
    ("events", "end", "expected", "reason"),
    [
        ([("O", 0, 0), ("O", 1, 1), ("C", 0, 5)], 5, {"main": 1, "main;work": 4}, CLOSED_ABOVE),
        ([("C", 1, 0), ("O", 0, 1), ("C", 0, 3)], 3, {"main": 2}, NOT_OPEN),
        ([("O", 0, 4), ("O", 1, 2), ("C", 1, 6), ("C", 0, 7)], 7, {"main": 1, "main;work": 2}, BACKWARDS),
        ([("O", 0, 0)], 13, {"main": 13}, NOT_CLOSED),
    ],
)
def test_events_that_do_not_fit_are_counted(
    events: list[tuple[str, int, float]], end: int, expected: dict[str, int], reason: str
) -> None:
    (profile,) = load(document(evented(*events, endValue=end)))
    assert stacks(profile) == expected
    assert profile.quality.skipped == {reason: 1}


def test_bad_samples_among_good_ones_are_counted() -> None:
    (profile,) = load(document(sampled([[0], [9], [1], [0]], [1, 1, -2, 3])))
    assert stacks(profile) == {"main": 4}
    assert profile.quality.skipped == {speedscope.BAD_FRAME: 1, speedscope.BAD_VALUE: 1}


def test_a_stack_that_is_too_deep_is_counted() -> None:
    (profile,) = load(document(sampled([[0] * 9, [0]], [1, 2])), Limits(depth=8))
    assert stacks(profile) == {"main": 2}
    assert profile.quality.skipped == {"stack deeper than 8 frames": 1}


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (document(), "f: no stack with a value in 0 profiles"),
        (
            document(sampled([[9]], [1])),
            r"no stack .* \$\.profiles\[0\]\.samples\[0\]: stack with the number of a frame",
        ),
        (document(sampled([["a"]], [1])), r"Expected `int`, got `str` - at `\$\.profiles\[0\]\.samples\[0\]\[0\]`"),  # type: ignore[list-item]
        (document()[:-5], "f: broken JSON of 195 bytes: Input data was truncated"),
        (document().replace(b'"profiles"', b'"other"'), "missing required field `profiles`"),
        (document(sampled([[0]], [2**62 + 1])), "value that is negative or no number"),
        (document(sampled([[0]] * 3, [2**62] * 3)), "add up to more than"),
        (
            b'{"$schema": "' + SCHEMA.encode() + b'", "profiles": ' + b"[" * 100_000,
            "f: (JSON nested|broken JSON|Expected)",
        ),
    ],
)
def test_a_file_that_cannot_be_read_says_where_and_what_was_expected(data: bytes, said: str) -> None:
    with pytest.raises(FormatError, match=said):
        load(data)


def test_more_than_a_document_may_have_is_refused() -> None:
    with pytest.raises(FormatError, match="f: the file, unpacked, has more than 100 bytes"):
        speedscope.load_profiles(io.BytesIO(document(sampled([[0]], [1]))), "f", Limits(document_bytes=100))
