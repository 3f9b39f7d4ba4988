"""Does sampling work here? Records this very process for a moment and looks for what must be there."""

import ctypes
import os
import threading
import time
from pathlib import Path

from profiler.agent.sampling.recording import Recording
from profiler.core.errors import WebprofError
from profiler.core.frame import FrameKind
from profiler.core.profile import Profile, ProfileMeta
from profiler.core.spec import MAX_FREQUENCY_HZ, RecordingSpec

_SECONDS = 0.3
_BUFFER_BYTES = 1 << 20
# POSIX's swab(from, to, bytes): every C library exports it, and its loop calls nothing.
_FUNCTION = "swab"
_MAX_NAMES_SHOWN = 10
# Whole stacks; or why there can be none yet, or never on this kernel.
_EXPECTED_OUTCOMES = {"end", "file not parsed yet", "frame pointers"}


class SelfTestError(WebprofError):
    """Sampling runs but shows something else than what is there."""


def run_self_test() -> int:
    """The number of samples seen. Raises SelfTestError, or RecordingError when recording isn't possible at all."""
    recording = Recording(RecordingSpec(pids=(os.getpid(),), frequency=MAX_FREQUENCY_HZ), ProfileMeta())
    recording.start()
    try:
        _burn(_SECONDS)
    finally:
        profile = recording.stop()
    _check(profile)
    return profile.quality.samples


def _burn(seconds: float) -> None:
    function = ctypes.CDLL(None)[_FUNCTION]
    source, target = ctypes.create_string_buffer(_BUFFER_BYTES), ctypes.create_string_buffer(_BUFFER_BYTES)
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        function(source, target, _BUFFER_BYTES)


def _check(profile: Profile) -> None:
    pid, tid = os.getpid(), threading.get_native_id()
    if not profile.quality.samples:
        raise SelfTestError(
            f"no sample of this busy process (pid {pid}): is this a pid namespace of its own? Run in the host's"
        )
    comm = Path(f"/proc/self/task/{tid}/comm").read_text().removesuffix("\n")
    seen = {(thread.pid, thread.tid, thread.comm) for thread in profile.threads}
    if (pid, tid, comm) not in seen:
        raise SelfTestError(f"this thread is {(pid, tid, comm)}, but the kernel's samples say {sorted(seen)}")
    if not any(frame.name == _FUNCTION and frame.kind is FrameKind.NATIVE for frame in profile.frames):
        names = sorted({frame.name for frame in profile.frames})[:_MAX_NAMES_SHOWN]
        raise SelfTestError(f"this process was in {_FUNCTION}() all the time, but the samples only name {names}")
    if not _EXPECTED_OUTCOMES & profile.quality.outcomes.keys():
        raise SelfTestError(
            f"no stack of this process reached its entry; they ended with {dict(profile.quality.outcomes)}"
        )
