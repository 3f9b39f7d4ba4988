"""What perf prints, read line by line: heads, frames, events, and what is none of them."""

import pytest

from profiler.core.errors import FormatError
from profiler.core.frame import Frame, FrameKind, Thread
from profiler.formats import perf_script
from profiler.formats.base import Limits
from profiler.formats.perf_lines import parse_frame, parse_head
from tests.formats.support import SAMPLES, Endless, load_perf, stacks

ONE = """\
java 25607/25608 [000] 10.5:   250000 cpu-clock:ppp:
\t    7f722d142778 Lio/Stream;::print+0x18 (/tmp/perf-25607.map)
\tffffffff8103d0ca do_exit ([kernel.kallsyms])
\t    7f72432b4e9a start_thread+0x5a (/lib/libpthread-2.15.so)

"""


@pytest.mark.parametrize(
    ("line", "comm", "pid", "tid", "time_ns", "period", "event"),
    [
        ("java 25607 4794564.109216: cycles:", "java", 0, 25607, 4794564109216000, 0, "cycles"),
        ("java 12688 [002] 6544038.708352: cpu-clock: ", "java", 0, 12688, 6544038708352000, 0, "cpu-clock"),
        ("V8 Worker 24636/25607 [000] 94564.109216: cycles:", "V8 Worker", 24636, 25607, 94564109216000, 0, "cycles"),
        ("vote   913    72.176760:     257597 cycles:uppp: ", "vote", 0, 913, 72176760000, 257597, "cycles:uppp"),
        ("func_ab 15294 cpu-clock: ", "func_ab", 0, 15294, -1, 0, "cpu-clock"),
        ("swapper     0 [001] 1.000001:       cycles: ", "swapper", 0, 0, 1000001000, 0, "cycles"),
        ("   pool 7 x 9 [000] U  2.122581993:  10 cpu-clock:H: ", "pool 7 x", 0, 9, 2122581993, 10, "cpu-clock:H"),
        ("pool 7 12345 1277.05: 1 cycles:", "pool 7", 0, 12345, 1277050000000, 1, "cycles"),
        ("kworker/0:1 33 [000] d..2. 5.5: sched:exec: comm=a", "kworker/0:1", 0, 33, 5500000000, 0, "sched:exec"),
        ("x -1 [000] 5.5: 7 cpu/event=0x3c,umask=0x0/u: ", "x", 0, 0, 5500000000, 7, "cpu/event=0x3c,umask=0x0/u"),
        ("x ?/7 r1a8:", "x", 0, 7, -1, 0, "r1a8"),
    ],
)  # fmt: skip
def test_every_shape_of_a_head_is_understood(
    line: str, comm: str, pid: int, tid: int, time_ns: int, period: int, event: str
) -> None:
    head = parse_head(line)
    assert head is not None
    assert head[:6] == (comm, pid, tid, time_ns, period, event)


@pytest.mark.parametrize(
    "line", ["", "main;work 3", "12345 cycles:", "a b c", "java cycles:", "x 1 12:30: ", "x" * 5000]
)
def test_other_lines_are_no_heads(line: str) -> None:
    assert parse_head(line) is None


@pytest.mark.parametrize(
    ("line", "frames"),
    [
        ("\t 40 main+0x1f (/bin/a)", [Frame("main", module="a")]),
        ("ff8 f ([kernel.kallsyms])", [Frame("f", FrameKind.KERNEL, "[kernel]")]),
        ("ff8 f ([guest.kernel.kallsyms])", [Frame("f", FrameKind.KERNEL, "[kernel]")]),
        ("ff8 f ([kernel.kallsyms].init.text)", [Frame("f", FrameKind.KERNEL, "[kernel]")]),
        ("ff8 f (/lib/modules/4.1/build/vmlinux)", [Frame("f", FrameKind.KERNEL, "[kernel]")]),
        ("ff8 f ([nf_conntrack])", [Frame("f", FrameKind.KERNEL, "[nf_conntrack]")]),
        ("ff8 f (/lib/modules/6.1/kernel/fs/ext4/ext4.ko.xz)", [Frame("f", FrameKind.KERNEL, "ext4.ko.xz")]),
        ("7f gettimeofday ([vdso])", [Frame("gettimeofday", FrameKind.NATIVE, "[vdso]")]),
        ("7f LFoo;::a (/tmp/perf-12.map)", [Frame("LFoo;::a", FrameKind.JIT, "perf-12.map")]),
        ("7f f (/home/me/.debug/jit/x/jitted-12-3.so)", [Frame("f", FrameKind.JIT, "jitted-12-3.so")]),
        (
            "7f La;::f->Lb;::g (/tmp/perf-12.map)",
            [Frame("Lb;::g", FrameKind.INLINED, "perf-12.map"), Frame("La;::f", FrameKind.JIT, "perf-12.map")],
        ),
        ("7f -> (/tmp/perf-12.map)", [Frame("->", FrameKind.JIT, "perf-12.map")]),
        ("7f P::operator-> (/bin/a)", [Frame("P::operator->", module="a")]),
        ("7f mix+0x39 (inlined)", [Frame("mix", FrameKind.INLINED)]),
        ("7f f (/tmp/gone.so (deleted))", [Frame("f", module="gone.so")]),
        ("7f operator new(unsigned long) (/bin/my worker)", [Frame("operator new(unsigned long)", module="my worker")]),
        ("7f (anonymous namespace)::f (/bin/a)", [Frame("(anonymous namespace)::f", module="a")]),
        ("7f [unknown] (/lib/libx.so)", [Frame("[libx.so]", FrameKind.NATIVE, "libx.so")]),
        ("ff8 [unknown] ([kernel.kallsyms])", [Frame("[[kernel.kallsyms]]", FrameKind.KERNEL, "[kernel]")]),
        ("0 [unknown] ([unknown])", [Frame("[unknown]", FrameKind.PLACEHOLDER)]),
        ("7f  (/lib/libx.so)", [Frame("[libx.so]", FrameKind.PLACEHOLDER, "libx.so")]),
        ("7f main", [Frame("main")]),
    ],
)
def test_every_shape_of_a_frame_is_understood(line: str, frames: list[Frame]) -> None:
    assert parse_frame(line) == frames


def test_addresses_keep_frames_without_symbols_apart() -> None:
    assert parse_frame("31ef [unknown] (/bin/dd)", addresses=True) == [Frame("[dd <31ef>]", FrameKind.NATIVE, "dd")]
    assert parse_frame("0 [unknown] ([unknown])", addresses=True) == [Frame("[unknown <0>]", FrameKind.PLACEHOLDER)]


@pytest.mark.parametrize("line", ["", "xyz main (/bin/a)", "0123456789abcdef0 f (/a)", "-1 f (a)", "  busy.c:3"])
def test_other_lines_are_no_frames(line: str) -> None:
    assert parse_frame(line) is None


def test_a_sample_has_its_thread_its_stack_root_first_and_its_period() -> None:
    (profile,) = load_perf(ONE * 2)
    assert stacks(profile) == {"start_thread;do_exit;Lio/Stream;::print": 500_000}
    assert profile.threads == (Thread(25607, 25608, "java"),)
    meta = profile.meta
    assert (meta.kind, meta.unit, meta.probe, meta.period_ns) == ("cpu", "nanoseconds", "perf", 250_000)
    assert (profile.quality.samples, dict(meta.labels)) == (2, {"event": "cpu-clock:ppp"})


def test_without_periods_samples_are_counted() -> None:
    (profile,) = load_perf("a 1 cycles:\n\tff f (/m)\n\na 1 cycles:\n\tff f (/m)\n\n")
    assert (profile.total, profile.meta.unit, profile.meta.kind) == (2, "samples", "cpu")


def test_each_event_is_a_profile_of_its_own() -> None:
    text = "".join(
        f"a 1 5.{i}: {i} {event}:\n\tff f (/m)\n\n" for i, event in enumerate(["page-faults", "cycles"] * 2, 1)
    )
    faults, cycles = load_perf(text)
    assert [(p.meta.kind, p.meta.unit, p.total) for p in (faults, cycles)] == [
        ("page-faults", "count", 4),
        ("cpu", "count", 6),
    ]
    assert faults.meta.duration_ns == cycles.meta.duration_ns == 300_000_000


def test_an_event_filter_leaves_one_event_or_says_what_else_there_was() -> None:
    stream = (SAMPLES / "perf-script" / "two-events.txt").open("rb")
    with stream:
        (profile,) = perf_script.load(stream, "two", event_filter="page-faults")
    assert profile.meta.kind == "page-faults"
    with (SAMPLES / "perf-script" / "two-events.txt").open("rb") as stream, pytest.raises(FormatError) as error:
        perf_script.load(stream, "two", event_filter="cycles")
    assert str(error.value) == "two: no sample of event 'cycles'; 44 samples of others"


def test_events_over_the_limit_are_counted() -> None:
    text = "".join(f"a 1 5.5: 1 e{i}:\n\tff f (/m)\n\n" for i in range(5))
    profiles = load_perf(text, Limits(events=3))
    assert len(profiles) == 3
    assert profiles[0].quality.skipped == {"sample of an event after the first 3": 2}


def test_source_lines_go_to_their_frames_and_unresolved_ones_are_nothing() -> None:
    with (SAMPLES / "perf-script" / "source-lines.txt").open("rb") as stream:
        (profile,) = perf_script.load(stream, "source-lines.txt")
    places = {(frame.name, frame.file, frame.line) for frame in profile.frames}
    assert {("burn", "busy.c", 3), ("main", "busy.c", 7), ("read_zero", "", 0)} <= places
    assert profile.quality.skipped == {}


def test_header_comments_give_the_host_and_the_command() -> None:
    with (SAMPLES / "perf-script" / "two-events.txt").open("rb") as stream:
        profile = perf_script.load(stream, "two-events.txt")[0]
    assert profile.meta.host == "vm"
    assert profile.meta.labels["cmdline"].startswith("/usr/bin/perf record")
    assert (profile.meta.labels["arch"], profile.meta.start_ns) == ("x86_64", 0)


def test_unknown_ends_are_counted_by_module() -> None:
    inner = "a 1 cycles:\n\tff [unknown] (/lib/x.so)\n\tff main (/m)\n\n"
    outer = "a 1 cycles:\n\tff main (/m)\n\tff [unknown] (/m)\n\n"
    text = inner + outer
    assert load_perf(text)[0].quality.unknown == {"x.so": 1}


def test_a_sample_without_frames_is_kept_as_a_placeholder() -> None:
    (profile,) = load_perf("a 1 5.5: 3 cycles:\n\n" + ONE.replace("cpu-clock:ppp", "cycles"))
    assert stacks(profile)["[no stack]"] == 3
    assert profile.frames[0].kind is FrameKind.PLACEHOLDER


def test_heads_that_follow_each_other_without_a_blank_line_are_samples() -> None:
    (profile,) = load_perf("a 1 cycles:\nb 2 cycles:\n\tff f (/m)\nc 3 cycles:\n")
    assert stacks(profile) == {"[no stack]": 2, "f": 1}


@pytest.mark.parametrize(
    ("tail", "total", "cut"),
    [("\tff f (/m)\n\t01 main (/m)\n", 2, 0), ("\tff f (/m)\n", 1, 1), ("", 1, 1)],
)
def test_the_last_sample_counts_without_a_blank_line_only_if_it_ends_where_others_do(
    tail: str, total: int, cut: int
) -> None:
    (profile,) = load_perf("a 1 cycles:\n\tff f (/m)\n\t01 main (/m)\n\na 1 cycles:\n" + tail)
    assert profile.total == total
    assert sum(profile.quality.skipped.values()) == cut


def test_an_only_sample_counts_without_a_blank_line() -> None:
    assert load_perf(ONE.rstrip("\n"))[0].total == 250_000


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("hello\nworld\n", "no sample of perf script in it: line 1: sample without a head"),
        ("\tff f (/m)\n\n", "sample without a head"),
        ("", "the file is empty"),
        ("# ========\n\n", "2 lines, none but comments and empty ones"),
        ("\0\1\2\n", "sample without a head"),
        ("a 1 cycles:\n" + "\tff f (/m)\n" * 100_000, "line 16386: stack deeper than 16,384 frames"),
    ],
)
def test_a_file_without_a_sample_is_an_error_that_says_why(text: str, reason: str) -> None:
    with pytest.raises(FormatError, match=r"^test\.perf: .*" + reason):
        load_perf(text)


def test_bad_samples_among_good_ones_are_skipped_and_counted() -> None:
    deep = "a 1 5.5: 1 cpu-clock:ppp:\n" + "\tff f (/m)\n" * 20_000 + "\n"
    garbage = "what is this\n\tff f (/m)\n\n"
    (profile,) = load_perf(ONE + deep + garbage + ONE.replace("do_exit (", "do_exit").replace("\tffff", "\tzzz") + ONE)
    assert profile.quality.samples == 3
    assert [(reason.split(" (")[0], n) for reason, n in profile.quality.skipped.items()] == [
        ("stack deeper than 16,384 frames", 1),
        ("sample without a head", 1),
        ("line in a sample that is no frame", 1),
    ]


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        (Limits(nodes=2), "event cpu-clock:ppp has more than 2 different stacks"),
        (Limits(frames=2), "event cpu-clock:ppp has more than 2 different functions"),
        (Limits(threads=0), "event cpu-clock:ppp has more than 0 different threads"),
        (Limits(input_bytes=100), "the file has more than 100 bytes"),
    ],
)
def test_a_file_over_a_limit_is_refused_with_the_limit(limits: Limits, message: str) -> None:
    with pytest.raises(FormatError, match=r"test\.perf: " + message):
        load_perf(ONE, limits)


def test_periods_that_add_up_to_too_much_are_refused() -> None:
    with pytest.raises(FormatError, match="the periods of cycles add up to more than"):
        load_perf("a 1 5.5: 999999999999999999 cycles:\n\tff f (/m)\n\n" * 5)


def test_names_that_are_too_long_are_cut_and_counted() -> None:
    (profile,) = load_perf("a 1 cycles:\n\tff " + "x" * 50 + " (/m)\n\n", Limits(name_chars=10))
    assert stacks(profile) == {"x" * 10: 1}
    assert profile.quality.skipped == {"end of a name longer than 10 characters": 1}


def test_a_long_stream_of_good_samples_is_refused_at_the_limit() -> None:
    stream = Endless(ONE.encode(), 5 * 10**9)
    with pytest.raises(FormatError, match="endless: the file has more than 10,000,000 bytes"):
        perf_script.load(stream, "endless", Limits(input_bytes=10_000_000))
    assert stream.given < 12_000_000
