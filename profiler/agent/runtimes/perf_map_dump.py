"""Asks a Java process to write its perf map, as its own user and for a bounded time."""

import os
import shutil
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from profiler.agent.symbols.perfmap import innermost_pid
from profiler.core.errors import WebprofError

# It takes half a second of a new JVM's time; a process that does not answer is left alone.
TIMEOUT_S = 10.0
LAST_WAIT_S = 3.0
# One jcmd for both. The first answers with the options that the machine was started with, wherever they stood.
_FLAGS, _PERF_MAP = "VM.flags", "Compiler.perfmap"
_JCMD = "jcmd"


class PerfMapDumpError(WebprofError):
    """It was not written. The text says why, in words for the profile."""


def perf_map_path(pid: int) -> Path:
    """Where the process writes it. Raises OSError when it is gone."""
    root = Path(f"/proc/{pid}/root")
    return Path(root.readlink() if _has_our_files(pid) else root, "tmp", f"perf-{innermost_pid(pid)}.map")


class PerfMapDump:
    """Starts at once; ask `done` until it is. Raises PerfMapDumpError from the constructor and `done`.

    flags: the machine's options as it says them itself, when it is done; empty when it did not.
    """

    flags = ""

    def __init__(self, pid: int, java: str) -> None:
        """`java`: path of the process's executable; its own jcmd fits best."""
        self._deadline = time.monotonic() + TIMEOUT_S
        try:
            self._path = perf_map_path(pid)
            owner = Path(f"/proc/{pid}").stat()
            self._process = subprocess.Popen(
                [_jcmd(pid, java), str(pid), f"{_FLAGS}\n{_PERF_MAP}"],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"}, cwd="/", start_new_session=True,
                user=owner.st_uid, group=owner.st_gid, extra_groups=[],
            )  # fmt: skip
        except OSError as error:
            raise PerfMapDumpError(f"jcmd could not be started: {error.strerror}") from error

    def done(self) -> bool:
        if self._process.poll() is None:
            if time.monotonic() < self._deadline:
                return False
            self._process.kill()
            raise PerfMapDumpError(f"the process did not answer jcmd within {TIMEOUT_S:g} s")
        said = self._process.communicate()[0].decode(errors="replace").splitlines()
        self.flags = next((line for line in said if line.startswith("-XX:")), "")
        if not self._path.exists():
            raise PerfMapDumpError(_reason([line for line in said if line != self.flags]))
        return True

    def remove(self) -> None:
        """Take the file away. A request that is under way is waited for: the file would come later."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(LAST_WAIT_S)
        self._process.kill()
        self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()
        self._path.unlink(missing_ok=True)


def _jcmd(pid: int, java: str) -> str:
    beside = Path(java).with_name(_JCMD)
    if _has_our_files(pid) and os.access(beside, os.X_OK):
        return str(beside)
    found = shutil.which(_JCMD)
    if found is None:
        raise PerfMapDumpError("jcmd is not installed beside its java, nor on the agent's path")
    return found


def _has_our_files(pid: int) -> bool:
    return Path(f"/proc/{pid}/ns/mnt").stat().st_ino == Path("/proc/self/ns/mnt").stat().st_ino


def _reason(said: list[str]) -> str:
    if any("Unknown diagnostic command" in line for line in said):
        return "its JDK is older than 17"
    last = [line for line in said if line.strip()][-1:] or ["nothing"]
    return f"jcmd said {last[0].strip()[:120]!r}"
