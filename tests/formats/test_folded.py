"""Folded stacks in and out, as the users of flamegraph.pl expect them."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profiler.core.annotate import annotate
from profiler.core.builder import ProfileBuilder
from profiler.core.errors import FormatError
from profiler.core.frame import Frame, FrameKind, Thread
from profiler.core.profile import Profile, ProfileMeta
from profiler.formats import folded
from profiler.formats.base import Limits
from tests.formats.support import Endless, dumped, load_folded, stacks


def kinds(profile: Profile) -> dict[str, FrameKind]:
    return {frame.name: frame.kind for frame in profile.frames}


def test_stacks_share_their_callers_and_equal_ones_add_up() -> None:
    profile = load_folded("a;b;c 1\na;b 5\na;b;c 3\na;b;d 4\n")
    assert stacks(profile) == {"a;b;c": 4, "a;b": 5, "a;b;d": 4}
    assert len(profile.stacks) == 4
    assert (profile.meta.kind, profile.meta.unit, profile.quality.samples) == ("cpu", "samples", 13)


def test_recursion_is_kept() -> None:
    assert stacks(load_folded("a;a 1\na;b;a;b 2\n")) == {"a;a": 1, "a;b;a;b": 2}


def test_spaces_in_names_and_around_values_are_no_trouble() -> None:
    text = "python3 x.py;json loads (json.py:3)  7\na\t2\n  b;c 3  \n"
    assert stacks(load_folded(text)) == {"python3 x.py;json loads (json.py:3)": 7, "a": 2, "b;c": 3}


def test_annotations_become_kinds_and_are_written_again() -> None:
    text = "a;read_[k] 2\na;LFoo:::bar_[j];LBaz:::x_[i] 1\n"
    profile = load_folded(text)
    expected = {
        "a": FrameKind.NATIVE,
        "read": FrameKind.KERNEL,
        "LFoo:::bar": FrameKind.JIT,
        "LBaz:::x": FrameKind.INLINED,
    }
    assert kinds(profile) == expected
    assert sorted(dumped(profile, annotations=True).splitlines()) == sorted(text.splitlines())
    assert "_[" not in dumped(profile)


def test_names_that_are_annotated_twice_are_written_once() -> None:
    profile = load_folded("a;read_[k]_[k] 1\n")
    assert kinds(profile)["read"] is FrameKind.KERNEL
    assert dumped(annotate(profile, delimiter=True, annotations=True), annotations=True) == "a;--;read_[k] 1\n"


def test_an_annotation_alone_is_a_name() -> None:
    assert kinds(load_folded("_[k] 1")) == {"_[k]": FrameKind.NATIVE}


def test_placeholders_and_empty_names_are_marked_and_unknown_ends_counted() -> None:
    profile = load_folded("a;;b 1\na;-;[Missed Kernel Stack] 2\na;[unknown] 4\n")
    assert kinds(profile)["[unknown]"] is FrameKind.PLACEHOLDER
    assert kinds(profile)["-"] is FrameKind.PLACEHOLDER
    assert stacks(profile) == {"a;[unknown];b": 1, "a;-;[Missed Kernel Stack]": 2, "a;[unknown]": 4}
    assert profile.quality.unknown == {"[unknown]": 4}


def test_comments_are_no_stacks_but_names_with_a_hash_are() -> None:
    profile = load_folded("# total 12\n#\n\n#run;b 2\n")
    assert stacks(profile) == {"#run;b": 2}
    assert profile.quality.skipped == {}


def test_fractions_make_the_whole_profile_count_in_millionths() -> None:
    profile = load_folded("a;b 0.25\na;c 2\na;d .5\na;e 3.\n")
    assert profile.meta.unit == "microsamples"
    assert stacks(profile) == {"a;b": 250_000, "a;c": 2_000_000, "a;d": 500_000, "a;e": 3_000_000}
    assert profile.quality.samples == 5
    assert dumped(profile) == "a;b 0.25\na;c 2\na;d 0.5\na;e 3\n"


def test_whole_numbers_with_a_point_stay_samples() -> None:
    assert load_folded("a 3.0\nb 2.\n").meta.unit == "samples"


def test_what_is_smaller_than_a_millionth_is_rounded_and_counted() -> None:
    profile = load_folded("a 0.12345678\n")
    assert stacks(profile) == {"a": 123_457}
    assert profile.quality.skipped == {"value rounded to six decimals": 1}


def test_a_differential_file_counts_its_last_values_and_says_so() -> None:
    profile = load_folded("# made by difffolded\na;b 3 7\na;c 0 12\n")
    assert stacks(profile) == {"a;b": 7, "a;c": 12}
    assert profile.quality.skipped == {"first value of a differential line": 2}


def test_a_name_that_ends_in_a_number_is_not_taken_for_a_differential_file() -> None:
    many = "".join(f"worker {number} 7\n" for number in range(500))
    assert len(stacks(load_folded(many + "a;b 12\n"))) == 501


def test_a_differential_file_keeps_callers_that_end_in_a_number() -> None:
    assert stacks(load_folded("a 1;b 5 3\na 1;b;c 5 3\na 1 5 3\na 1;b 6 4\n")) == {"a 1": 3, "a 1;b": 7, "a 1;b;c": 3}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("a;b", "no value at the end"),
        ("a;b nan", "no value at the end"),
        ("a;b inf", "no value at the end"),
        ("a;b 1e5", "no value at the end"),
        ("a;b 0x10", "no value at the end"),
        ("a;b -3", "value is negative"),
        ("a;b -0.5", "value is negative"),
        ("a;b 0", "value is zero"),
        ("a;b 0.0", "value is zero"),
        ("a;b 99999999999999999999", "value is over 4,611,686,018,427,387,904"),
        ("a;b " + "9" * 5000, "value is over 4,611,686,018,427,387,904"),
        ("12", "no stack before the value"),
        ("a;b\0c 3", "NUL byte, not text"),
        ("// a comment of JavaScript", "no value at the end"),
    ],
)
def test_a_bad_line_is_skipped_and_counted_among_good_ones_and_an_error_alone(line: str, reason: str) -> None:
    profile = load_folded(f"x;y 1\n{line}\nx;y 1\n")
    assert stacks(profile) == {"x;y": 2}
    assert [(text.startswith(reason), count) for text, count in profile.quality.skipped.items()] == [(True, 1)]
    with pytest.raises(FormatError, match=r"^test\.folded: no stack in it: line 2: " + reason):
        load_folded(f"\n{line}\n")


def test_the_error_shows_the_first_bad_line_and_what_was_expected() -> None:
    with pytest.raises(FormatError) as error:
        load_folded("hello world\nmore text\n")
    assert str(error.value) == (
        "test.folded: no stack in it: line 1: no value at the end (expected 'root;caller;leaf 12'): 'hello world'"
    )


def test_an_empty_file_and_one_of_comments_are_told_apart() -> None:
    with pytest.raises(FormatError, match=r"test\.folded: the file is empty"):
        load_folded("")
    with pytest.raises(FormatError, match="2 lines, none but comments and empty ones; expected 'root;caller;leaf 12'"):
        load_folded("# a 1\n\n")


def test_a_stack_of_100000_frames_is_skipped_and_counted_or_an_error_when_alone() -> None:
    deep = ";".join(["f"] * 100_000) + " 1\n"
    profile = load_folded(deep + "a 1\n")
    assert stacks(profile) == {"a": 1}
    assert profile.quality.skipped == {"stack deeper than 16,384 frames": 1}
    with pytest.raises(FormatError, match="no stack in it: line 1: stack deeper than 16,384 frames: 'f;f;"):
        load_folded(deep)


def test_a_stack_of_16384_frames_comes_in_and_out() -> None:
    deep = ";".join(f"f{i % 7}" for i in range(16_384)) + " 1\n"
    assert dumped(load_folded(deep)) == deep


def test_a_name_that_is_too_long_is_cut_and_counted() -> None:
    profile = load_folded("a;" + "x" * 50 + " 1\n", Limits(name_chars=10))
    assert stacks(profile) == {"a;xxxxxxxxx…": 1}
    assert profile.quality.skipped == {"end of a name longer than 10 characters": 1}


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        (Limits(nodes=3), "more than 3 different stacks"),
        (Limits(frames=3), "more than 3 different functions"),
        (Limits(input_bytes=5), "the file has more than 5 bytes"),
    ],
)
def test_a_file_over_a_limit_is_refused_with_the_limit(limits: Limits, message: str) -> None:
    with pytest.raises(FormatError, match=r"test\.folded: " + message):
        load_folded("a;b;c;d 1\n", limits)


def test_values_that_add_up_to_too_much_are_refused() -> None:
    with pytest.raises(FormatError, match=r"the values add up to more than 4,611,686,018,427,387,904 samples"):
        load_folded(f"a {2**61}\nb {2**61}\nc 1\n")


def test_a_long_stream_of_good_lines_is_refused_at_the_limit() -> None:
    stream = Endless(b"main;work;json.loads 12\n", 5 * 10**9)
    with pytest.raises(FormatError, match="endless: the file has more than 10,000,000 bytes: record for a shorter"):
        folded.load(stream, "endless", Limits(input_bytes=10_000_000))
    assert stream.given < 12_000_000


def test_dump_puts_the_command_first_and_is_sorted_and_safe() -> None:
    builder = ProfileBuilder(ProfileMeta())
    bad = builder.frame(Frame("LFoo;::bar\nbaz"))
    for comm, frames, value in (("web 1", [bad], 3), ("api;x", [bad, bad], 4), ("", [bad], 5)):
        builder.add(builder.stack(frames), value, builder.thread(Thread(1, 2, comm)))
    profile = builder.build()
    name = "LFoo:::bar baz"
    assert dumped(profile) == f"{name} 5\napi:x;{name};{name} 4\nweb 1;{name} 3\n"
    assert dumped(profile, group=()) == f"{name} 8\n{name};{name} 4\n"
    assert dumped(profile, group=("comm", "pid")).splitlines()[-1] == f"web 1;pid 1;{name} 3"


def test_frames_that_read_the_same_are_one_line() -> None:
    builder = ProfileBuilder(ProfileMeta())
    for module in ("libc.so.6", "libm.so.6"):
        builder.add(builder.stack([builder.frame(Frame("f", module=module))]), 1)
    assert dumped(builder.build()) == "f 2\n"


def test_large_values_are_exact() -> None:
    assert dumped(load_folded(f"a {2**53 + 1}\n")) == f"a {2**53 + 1}\n"


NAMES = st.text(st.characters(exclude_characters="\0\r\n;", exclude_categories=["Cs"]), max_size=8)
LINES = st.tuples(st.lists(NAMES, min_size=1, max_size=6), st.integers(1, 10**6))


@settings(deadline=None)
@given(st.lists(LINES, max_size=20))
def test_every_written_profile_reads_back_the_same(rows: list[tuple[list[str], int]]) -> None:
    text = "".join(f"{';'.join(names)} {value}\n" for names, value in rows)
    try:
        first = load_folded("first;line 1\n" + text)
    except FormatError:
        return
    again = folded.load(io.BytesIO(dumped(first, annotations=True).encode()), "again")
    assert stacks(again) == stacks(first)
    assert kinds(again) == kinds(first)
    assert again.total == first.total
    assert np.all(again.stacks.parent < np.arange(len(again.stacks)))
