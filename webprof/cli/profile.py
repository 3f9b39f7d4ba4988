"""`webprof profile`: stacks of this host on standard output, folded. Needs neither a server nor Django."""

import signal
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from types import FrameType
from typing import Any

import click
from pydantic import ValidationError

from profiler.agent.sampling.recording import MAX_NAMING_S, Recording
from profiler.core.annotate import annotate
from profiler.core.errors import WebprofError
from profiler.core.grouping import DEFAULT_GROUP, GROUPS, GroupBy, parse_group
from profiler.core.merge import Merger
from profiler.core.probe import ProbeError
from profiler.core.profile import Profile, ProfileMeta
from profiler.core.spec import CPU_PROBE, DEFAULT_FREQUENCY_HZ, RecordingSpec
from profiler.formats.folded import dump
from profiler.probes.stacks import read_settings, stack_probe, stack_probes

# How often samples are fetched: often enough that the kernel's map never fills, seldom enough to cost nothing.
_POLL_INTERVAL_S = 1.0
_MAX_UNKNOWN_SHOWN = 5


def _ids(_ctx: click.Context, _param: click.Parameter, value: str | None) -> tuple[int, ...]:
    """Numbers with commas between them."""
    try:
        return tuple(int(part) for part in value.split(",")) if value else ()
    except ValueError as error:
        raise click.BadParameter(f"{value!r} is not a number, nor numbers with commas between them") from error


def _groups(_ctx: click.Context, _param: click.Parameter, value: str | None) -> Sequence[GroupBy]:
    try:
        return DEFAULT_GROUP if value is None else parse_group(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


@dataclass(frozen=True)
class _Gathered:
    profile: Profile
    seconds: float


@click.command(name="profile", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("duration", type=float, required=False, metavar="[SECONDS]")
@click.option(
    "--probe", default=CPU_PROBE, help="What the stacks are of: " + ", ".join(stack_probes()) + " (default cpu)."
)
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="A parameter of the probe; may repeat.")
@click.option("-p", "--pid", "pids", callback=_ids, help="Only these processes: PID[,PID…].")
@click.option("-L", "--tid", "tids", callback=_ids, help="Only these threads: TID[,TID…].")
@click.option("-U", "--user-stacks-only", "user_only", is_flag=True, help="No kernel frames.")
@click.option("-K", "--kernel-stacks-only", "kernel_only", is_flag=True, help="No user frames.")
@click.option("-F", "--frequency", type=int, help=f"Samples per second and CPU (default {DEFAULT_FREQUENCY_HZ}).")
@click.option("-c", "--count", type=int, help="Nanoseconds of CPU time between samples, instead of -F.")
@click.option("-d", "--delimited", "delimiter", is_flag=True, help="A frame -- between user and kernel frames.")
@click.option("-a", "--annotations", is_flag=True, help="_[k] behind the names of kernel frames.")
@click.option("-I", "--include-idle", is_flag=True, help="Also the idle task.")
@click.option("-C", "--cpu", type=int, help="Only this CPU.")
@click.option("--comm", help="Only threads of exactly this name.")
@click.option("--cgroup", help="Only this control group and those below it, such as /system.slice/nginx.service.")
@click.option("--container", help="Only this container: its name, its id, or the first 12 or more characters of it.")
@click.option("--unit", help="Only this systemd unit, such as nginx.service.")
@click.option("--children", is_flag=True, help="Also the processes that the targets have started, and start meanwhile.")
@click.option(
    "--group",
    callback=_groups,
    help=f"What stands before the stacks: any of {', '.join(GROUPS)}, with commas between them (default comm).",
)
@click.option("-f", "--folded", is_flag=True, help="Accepted for BCC's sake: the output is always folded.")
def command(duration: float | None, folded: bool, group: Sequence[GroupBy], **options: Any) -> None:
    """Sample where this host's CPUs are, or record another probe, for SECONDS or until Ctrl-C.

    Prints folded stacks, `comm;root;…;leaf value`, and says on standard error what was lost.
    """
    del folded
    spec = _spec(duration, options)
    try:
        gathered = _record(spec, duration)
    except WebprofError as error:
        raise click.ClickException(str(error)) from error
    marked = annotate(gathered.profile, delimiter=spec.delimiter, annotations=spec.annotations)
    dump(marked, sys.stdout.write, group=group)
    for line in summary(gathered.profile, gathered.seconds, spec):
        click.echo(line, err=True)


def _spec(duration: float | None, options: dict[str, Any]) -> RecordingSpec:
    given = dict(options) if duration is None else {**options, "duration_s": duration}
    try:
        given["parameters"] = read_settings(given["probe"], given.pop("settings"))
        return RecordingSpec(**given)
    except ProbeError as error:
        raise click.UsageError(str(error)) from error
    except ValidationError as error:
        problems = (
            f"{'.'.join(map(str, item['loc']))}: {item['msg'].removeprefix('Value error, ')}".lstrip(": ")
            for item in error.errors()
        )
        raise click.UsageError("; ".join(problems)) from error


def _record(spec: RecordingSpec, duration: float | None) -> _Gathered:
    """Record until the time is over, a signal comes or the targets are gone."""
    ended = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        ended.set()

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        recording = Recording(spec, ProfileMeta(probe=spec.probe))
        recording.start()
        until = "until Ctrl-C" if duration is None else f"for {duration:g} s"
        doing = "sampling" if spec.is_sampled else "recording"
        click.echo(f"{doing}, {_what(spec)}, {until}", err=True)
        return _poll_until(recording, ended, duration)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _poll_until(recording: Recording, ended: threading.Event, duration: float | None) -> _Gathered:
    started = time.monotonic()
    deadline = started + duration if duration is not None else float("inf")
    merger = None
    try:
        while not ended.wait(max(min(_POLL_INTERVAL_S, deadline - time.monotonic()), 0)):
            if time.monotonic() >= deadline or not recording.targets_alive():
                break
            delta = recording.poll()
            merger = merger or Merger(delta.meta)
            merger.add(delta)
    finally:
        seconds = time.monotonic() - started
        last = recording.stop()
    merger = merger or Merger(last.meta)
    merger.add(last)
    for target, after in recording.exited_targets.items():
        click.echo(f"{target} exited after {after:.1f} s", err=True)
    return _Gathered(recording.named(merger.build(), MAX_NAMING_S), seconds)


def summary(profile: Profile, seconds: float, spec: RecordingSpec) -> Sequence[str]:
    """What a reader has to know about the profile, in a few lines."""
    quality = profile.quality
    causes = ", ".join(f"{cause} {count}" for cause, count in quality.lost.items())
    lost = f"{quality.lost_total} lost{f': {causes}' if causes else ''}"
    unknown = sorted(quality.unknown.items(), key=lambda item: -item[1])[:_MAX_UNKNOWN_SHOWN]
    modules = ", ".join(f"{module} {count}" for module, count in unknown)
    share = quality.unknown_total / quality.samples if quality.samples else 0
    noun = "samples" if spec.is_sampled else "events"
    return (
        f"{quality.samples} {noun} in {seconds:.1f} s ({_what(spec)}), {lost}",
        f"{quality.unknown_total} ({share:.1%}) without a symbol{f': {modules}' if modules else ''}",
        f"cost: {quality.agent_cpu_ns / 1e9:.2f} s CPU here, {quality.bpf_ns / 1e6:.1f} ms in the kernel",
        *(f"{count} samples would show more: {hint}" for hint, count in quality.hints.items()),
    )


def _what(spec: RecordingSpec) -> str:
    probe = stack_probe(spec.probe)
    if not spec.is_sampled:
        return f"{probe.title.lower()}, in {probe.unit}"
    return f"{spec.frequency or DEFAULT_FREQUENCY_HZ} Hz" if spec.count is None else f"one per {spec.count} ns"
