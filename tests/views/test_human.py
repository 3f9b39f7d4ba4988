"""Numbers and times for people."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from profiler.core.spec import RecordingSpec
from profiler.templatetags.human import count, days, percent, rate, relative, seconds, size, when
from profiler.templatetags.recordings import recording

GOLDEN = Path(__file__).parents[1] / "golden"


def plain(text: str) -> str:
    return text.replace("\u2009", " ")


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (count(2966), "2 966"),
        (count(0), "0"),
        (size(512), "512 B"),
        (size(1536), "1.50 KiB"),
        (size(2**34), "16 GiB"),
        (seconds(0.25), "250 ms"),
        (seconds(10), "10 s"),
        (seconds(10.03), "10.0 s"),
        (seconds(119.9), "120 s"),
        (seconds(125), "2 min 5 s"),
        (seconds(300), "5 min"),
        (seconds(3840), "1 h 4 min"),
        (days(3 * 86400 + 4 * 3600), "3 d 4 h"),
        (percent(0), "0 %"),
        (percent(0.04), "<0.1 %"),
        (percent(99.96), "100.0 %"),
        (percent(None), "–"),
        (rate(round(1e9 / 99)), "99 Hz"),
        (rate(10_000_000), "100 Hz"),
        (rate(12_345_678), "81 Hz"),
        (rate(2_500_000_000), "every 2.50 s"),
        (rate(0), ""),
    ],
)
def test_numbers_are_short_and_do_not_lie(shown: str, expected: str) -> None:
    assert plain(shown) == expected


def test_a_recording_in_words() -> None:
    spec = RecordingSpec(pids=(7, 8), comm="nginx", cpu=0, kernel_only=True)
    assert plain(recording(spec)) == "CPU 99 Hz · 10 s · pid 7, 8 · name nginx · CPU #0 · kernel only"


@pytest.mark.parametrize(("seconds_ago", "words"), json.loads((GOLDEN / "moments.json").read_text()))
def test_how_long_ago_is_said_in_the_words_of_the_page_s_module(seconds_ago: float, words: str) -> None:
    """Other words would move what stands beside a time, as soon as the module runs (tests/js/moment.test.js)."""
    now = datetime(2026, 11, 22, 14, 2, 11, tzinfo=UTC)
    assert plain(relative(now - timedelta(seconds=seconds_ago), now)) == words


def test_a_time_is_written_in_utc_with_its_distance_beside_or_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime(2026, 11, 22, 14, 2, 11, tzinfo=UTC)
    monkeypatch.setattr(timezone, "now", lambda: now)
    assert ">13:02:11 UTC, 1\u2009h ago<" in when(now - timedelta(hours=1))
    assert ">2026-11-20 14:02:11 UTC, 2\u2009d ago<" in when(now - timedelta(days=2))
    short = when(now - timedelta(hours=1), "relative")
    assert ">1\u2009h ago<" in short
    assert 'title="13:02:11 UTC (2026-11-22 13:02:11 UTC)"' in short
