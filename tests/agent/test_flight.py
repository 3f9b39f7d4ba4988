"""What the flight recorder keeps, for how long, in how much memory; and what it is told."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from profiler.agent.flight import SETTINGS_FILE, FlightError, FlightRecorder
from profiler.agent.flight_buffer import FlightBuffer, Part
from profiler.agent.frozen import NOT_SAMPLED, put_together
from profiler.core import batch
from profiler.core.builder import ProfileBuilder
from profiler.core.flight import DEFAULT_MINUTES, FlightSettings
from profiler.core.frame import Frame
from profiler.core.profile import ProfileMeta
from profiler.core.spec import RecordingSpec

S = 1_000_000_000


def part(second: int, size: int = 10) -> Part:
    return Part(second * S, (second + 10) * S, bytes(size))


def test_parts_leave_when_they_are_too_old() -> None:
    buffer = FlightBuffer()
    for second in range(0, 100, 10):
        buffer.add(part(second), 30 * S)
    assert [kept.start_ns // S for kept in buffer.since(0)] == [70, 80, 90]
    assert (buffer.held_ns(), buffer.bytes, buffer.dropped) == (30 * S, 30, 0)


def test_parts_leave_for_want_of_memory_and_are_counted() -> None:
    buffer = FlightBuffer(max_bytes=1000)
    for second in range(0, 10_000, 10):
        buffer.add(part(second, size=300), 3600 * S)
        assert buffer.bytes <= 1000
    assert [kept.start_ns // S for kept in buffer.since(0)] == [9970, 9980, 9990]
    assert buffer.dropped == 997


def test_one_part_over_the_bound_is_not_kept() -> None:
    buffer = FlightBuffer(max_bytes=1000)
    buffer.add(part(0, size=1001), 60 * S)
    assert (buffer.since(0), buffer.bytes, buffer.dropped, buffer.held_ns()) == ([], 0, 1, 0)


def test_since_has_every_part_of_the_time() -> None:
    buffer = FlightBuffer()
    for second in range(0, 50, 10):
        buffer.add(part(second), 60 * S)
    assert [kept.start_ns // S for kept in buffer.since(25 * S)] == [20, 30, 40]


def test_settings_outlive_the_agent(tmp_path: Path) -> None:
    FlightRecorder("web-1", tmp_path).configure(FlightSettings(on=True, minutes=7, frequency=11))
    assert FlightRecorder("web-1", tmp_path).settings == FlightSettings(on=True, minutes=7, frequency=11)


def test_it_is_off_until_somebody_switches_it_on(tmp_path: Path) -> None:
    state = FlightRecorder("web-1", tmp_path).state()
    assert (state.on, state.minutes) == (False, DEFAULT_MINUTES)


@pytest.mark.parametrize("damage", [b"", b"{", b'{"on": true, "minutes": 9999}', b"\xff\xfe"])
def test_damaged_settings_leave_it_off(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / SETTINGS_FILE).write_bytes(damage)
    assert FlightRecorder("web-1", tmp_path).settings == FlightSettings()


def test_frozen_while_off_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(FlightError, match="flight recorder of host web-1 is off: switch it on"):
        FlightRecorder("web-1", tmp_path).freeze(60, ProfileMeta())


def test_a_freeze_excludes_what_would_be_recorded() -> None:
    assert RecordingSpec.model_validate(RecordingSpec(freeze_s=300).model_dump(mode="json")).freeze_s == 300
    with pytest.raises(ValidationError, match="freeze_s takes what was sampled already and excludes frequency, pids"):
        RecordingSpec(freeze_s=300, pids=(1,), frequency=49)


def held(second: int, count: int) -> Part:
    """Ten seconds in which one stack was sampled so often."""
    builder = ProfileBuilder(ProfileMeta(start_ns=second * S, duration_ns=10 * S, period_ns=S))
    builder.add(builder.stack([builder.frame(Frame("main"))]), count)
    return Part(second * S, (second + 10) * S, batch.encode(builder.build()))


def test_a_frozen_profile_says_how_long_nothing_was_sampled_in_between() -> None:
    parts = [held(0, 1), held(10, 2), held(80, 4), held(91, 8)]  # a second to start again is nothing
    profile, missing = put_together(parts, 5 * S, ProfileMeta(), "")
    assert missing.startswith("60 s in between have no samples")
    assert profile.quality.skipped[NOT_SAMPLED] == 60
    assert (profile.meta.start_ns, profile.meta.duration_ns) == (5 * S, 96 * S)


def test_a_frozen_profile_without_gaps_says_nothing() -> None:
    profile, missing = put_together([held(0, 1), held(10, 2)], 0, ProfileMeta(), "")
    assert (missing, profile.quality.skipped, profile.total) == ("", {}, 3)
