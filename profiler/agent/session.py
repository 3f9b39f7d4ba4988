"""One recording from start to outcome: drives the Recording each second and shows what it gives."""

import logging
import os
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace

from profiler.agent.cost.governor import Governor
from profiler.agent.cost.malloc import give_back_memory
from profiler.agent.delivery.outcome import Outcome
from profiler.agent.delivery.publisher import LiveStream
from profiler.agent.delivery.spool import Spool
from profiler.agent.sampling.recording import MAX_NAMING_S, Recording
from profiler.core import batch
from profiler.core.channel import (
    DELTA_INTERVAL_S,
    SNAPSHOT_INTERVAL_S,
    UNWATCHED_INTERVAL_S,
    EntryKind,
    RunReport,
    RunState,
)
from profiler.core.errors import WebprofError
from profiler.core.ids import RANDOM_BYTES, uuid7
from profiler.core.merge import Merger
from profiler.core.profile import Profile, ProfileMeta
from profiler.core.quality import Quality
from profiler.core.spec import RecordingSpec
from profiler.probes.stacks import measured

logger = logging.getLogger(__name__)

MAX_MESSAGE = 2000  # RunReport.message
# A label names this many pids and counts the others.
MAX_NAMED_TARGETS = 5
_NAMED = ("comm", "cgroup", "container", "unit", "cpu")


class Session:
    """`run` is a thread's body. It never raises: whatever happens, one outcome is put into the spool.

    `others_rest`: what else samples this host doesn't inside; it is entered right before this session samples, and left
    right after.
    """

    def __init__(
        self,
        report: RunReport,
        spec: RecordingSpec,
        live: LiveStream,
        spool: Spool,
        governor: Governor,
        others_rest: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self._report = report
        self._governor = governor
        self._spec = spec
        self._live = live
        self._spool = spool
        self._others_rest = others_rest
        self._others = ExitStack()
        self._halting = threading.Lock()
        self._ended = threading.Event()
        self._verdict = (RunState.DONE, "")
        self._meta = new_meta(report.host, spec)
        self._merger = Merger(self._meta)
        self._quality = Quality()
        self._recording: Recording | None = None
        self._began = self._next_snapshot = self._next_delta = time.monotonic()
        self._halted: float | None = None
        self._settled = False
        self._timer = threading.Timer(spec.duration_s, self._halt)
        self._timer.daemon = True

    @property
    def elapsed_s(self) -> float:
        """How long it has sampled, or did."""
        return (self._halted or time.monotonic()) - self._began

    def stop(self, state: RunState, message: str) -> None:
        """End the recording now; what was gathered is sent with this state. Only the first call counts."""
        if not self._ended.is_set():
            self._verdict = (state, message)
            self._ended.set()
            self._halt()

    def run(self) -> None:
        try:
            self._publish(RunState.STARTING)
            self._start()
            self._sample()
        except WebprofError as error:
            self._verdict = (RunState.FAILED, str(error))
        except Exception as error:
            logger.exception("run %s", self._report.run)
            self._verdict = (RunState.FAILED, f"the agent failed, its log says more: {error!r}")
        self._finish()

    def _start(self) -> None:
        if self._ended.is_set():
            return
        recording = Recording(self._spec, self._meta)
        recording.prepare()
        self._others.enter_context(self._others_rest())
        recording.start()
        self._governor.begin(self._spec.period_ns)
        self._recording = recording
        # Loading the program takes seconds; the recording begins after it.
        self._began = time.monotonic()
        self._next_snapshot = self._began + SNAPSHOT_INTERVAL_S
        self._meta = replace(self._meta, start_ns=recording.start_ns)
        # Symbols can keep a poll busy for seconds; the recording ends on time all the same.
        self._timer.start()
        self._publish(RunState.RECORDING)

    def _halt(self) -> None:
        with self._halting:
            if self._recording is not None and self._halted is None:
                self._halted = time.monotonic()
                self._recording.halt()
                self._others.close()

    def _sample(self) -> None:
        if self._recording is None:
            return
        end = self._began + self._spec.duration_s
        tick = self._began
        while self._recording.targets_alive():
            tick = max(tick + DELTA_INTERVAL_S, time.monotonic())
            if self._ended.wait(max(0.0, min(tick, end) - time.monotonic())) or time.monotonic() >= end:
                return
            if self._keep_budget(self._recording) or self._is_due(self._recording):
                self._next_delta = time.monotonic() + UNWATCHED_INTERVAL_S
                self._show(self._recording.poll(), RunState.RECORDING)
                self._settle()

    def _settle(self) -> None:
        """Loading the program and reading the first symbols leave much that is not needed again."""
        if not self._settled:
            self._settled = True
            give_back_memory()

    def _is_due(self, recording: Recording) -> bool:
        """Whether what was sampled is to be read now: most of the cost of a recording that nobody watches."""
        return time.monotonic() >= self._next_delta or recording.is_filling or self._live.is_watched()

    def _keep_budget(self, recording: Recording) -> bool:
        """Whether the rate changes. What was gathered until the host's limit is worth keeping: the run is done, and
        says why so soon.
        """
        before = self._governor.factor
        standing = self._governor.check(self._quality.bpf_ns)
        recording.thin(standing.factor)
        if standing.stop:
            whole = f"{self._spec.duration_s:g} s"
            self.stop(RunState.DONE, f"ended after {self.elapsed_s:.1f} s of {whole}: {standing.stop}")
        return standing.factor != before

    def _finish(self) -> None:
        if self._recording is not None:
            self._timer.cancel()
            self._halt()
            try:
                self._show(self._recording.stop(), RunState.SENDING)
            except Exception as error:
                logger.exception("run %s: the last samples", self._report.run)
                self._verdict = (RunState.FAILED, f"the last samples could not be read: {error}")
        self._others.close()
        self._spool.put(self._outcome())

    def _outcome(self) -> Outcome:
        state, message = self._verdict
        profile = self._merger.build(self._meta_so_far())
        if self._recording is not None:
            profile = self._recording.named(profile, MAX_NAMING_S)
        data = None
        if self._recording is not None and (state is RunState.DONE or len(profile)):
            data, problem = encoded_profile(profile)
            state, message = (RunState.FAILED, problem) if problem else (state, message)
        return Outcome(self._progress(state, message), data)

    def _meta_so_far(self) -> ProfileMeta:
        return replace(self._meta, duration_ns=round(self.elapsed_s * 1e9))

    def _show(self, delta: Profile, state: RunState) -> None:
        self._merger.add(delta)
        self._quality += delta.quality
        if not self._live.whole or time.monotonic() >= self._next_snapshot:
            kind, profile = EntryKind.SNAPSHOT, self._merger.build(self._meta_so_far())
            self._next_snapshot = time.monotonic() + SNAPSHOT_INTERVAL_S
        else:
            kind, profile = EntryKind.DELTA, delta
        if self._recording is not None and (profile.quality.samples or len(profile)):
            self._publish(state, kind, batch.encode(self._recording.named(profile)))
        else:
            self._publish(state)

    def _publish(self, state: RunState, kind: EntryKind | None = None, data: bytes = b"") -> None:
        self._live.publish(self._progress(state), kind, data)

    def _progress(self, state: RunState, message: str = "") -> RunReport:
        exited = self._recording.exited_targets if self._recording else {}
        notes = [note for note in (message, self._governor.note if self._recording else "") if note]
        notes += [f"{target} exited after {after_s:.1f} s" for target, after_s in exited.items()]
        return self._report.model_copy(
            update={
                "state": state,
                "at_ns": time.time_ns(),
                "elapsed_s": round(self.elapsed_s, 3) if self._recording else 0.0,
                "samples": self._quality.samples,
                "lost": self._quality.lost_total,
                "message": "; ".join(notes)[:MAX_MESSAGE],
            }
        )


def new_meta(host: str, spec: RecordingSpec) -> ProfileMeta:
    """Of a profile that begins now, with an id of its own."""
    now_ns = time.time_ns()
    meta = ProfileMeta(
        id=str(uuid7(now_ns // 1_000_000, os.urandom(RANDOM_BYTES))),
        host=host,
        start_ns=now_ns,
        labels={"target": target_label(spec)},
    )
    return measured(spec, meta)


def target_label(spec: RecordingSpec) -> str:
    """What was recorded, for people: `whole system`, `pid 7`, `comm nginx, cpu 2`."""
    parts = [f"{sort} {_listed(tasks)}" for sort, tasks in (("pid", spec.pids), ("tid", spec.tids)) if tasks]
    parts += [f"{name} {value}" for name in _NAMED if (value := getattr(spec, name)) is not None]
    parts += [text for text, chosen in (("user", spec.user_only), ("kernel", spec.kernel_only)) if chosen]
    if spec.children:
        parts.append("with children")
    return ", ".join(parts) or "whole system"


def _listed(tasks: tuple[int, ...]) -> str:
    shown = "+".join(map(str, tasks[:MAX_NAMED_TARGETS]))
    more = len(tasks) - MAX_NAMED_TARGETS
    return f"{shown} and {more} more" if more > 0 else shown


def encoded_profile(profile: Profile) -> tuple[bytes | None, str]:
    """Its batch, or None and why the server would refuse it."""
    data = batch.encode(profile)
    if len(data) <= batch.MAX_COMPRESSED_BYTES:
        return data, ""
    return None, (
        f"the profile has {len(data)} bytes, more than MAX_COMPRESSED_BYTES ({batch.MAX_COMPRESSED_BYTES}); "
        "record for a shorter time, at a lower frequency or fewer processes"
    )
