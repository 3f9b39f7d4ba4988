"""Asks a Java process to write its perf map, as its own user and for a bounded time."""

import os
import shutil
import subprocess
import time
from pathlib import Path

from profiler.agent.symbols.perfmap import innermost_pid
from profiler.core.errors import WebprofError

# It takes half a second of a new JVM's time; a process that does not answer is left alone.
TIMEOUT_S = 10.0
_COMMAND = "Compiler.perfmap"
_JCMD = "jcmd"


class PerfMapDumpError(WebprofError):
    """It was not written. The text says why, in words for the profile."""


def perf_map_path(pid: int) -> Path:
    return Path(f"/proc/{pid}/root/tmp/perf-{innermost_pid(pid)}.map")


class PerfMapDump:
    """Starts at once; ask `done` until it is. Raises PerfMapDumpError from the constructor and `done`."""

    def __init__(self, pid: int, java: str) -> None:
        """`java`: path of the process's executable; its own jcmd fits best."""
        self._pid = pid
        self._path = perf_map_path(pid)
        self._deadline = time.monotonic() + TIMEOUT_S
        try:
            owner = Path(f"/proc/{pid}").stat()
            self._process = subprocess.Popen(
                [_jcmd(pid, java), str(pid), _COMMAND],
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
            self._end()
            raise PerfMapDumpError(f"the process did not answer jcmd within {TIMEOUT_S:g} s")
        said = self._end()
        if not self._path.exists():
            raise PerfMapDumpError(_reason(said))
        return True

    def remove(self) -> None:
        """Stop, and take the file away."""
        if self._process.poll() is None:
            self._end()
        self._path.unlink(missing_ok=True)

    def _end(self) -> str:
        self._process.kill()
        said, _ = self._process.communicate()
        return said.decode(errors="replace") if said else ""


def _jcmd(pid: int, java: str) -> str:
    beside = Path(java).with_name(_JCMD)
    same_files = os.stat(f"/proc/{pid}/ns/mnt").st_ino == os.stat("/proc/self/ns/mnt").st_ino  # noqa: PTH116 (a link)
    if same_files and os.access(beside, os.X_OK):
        return str(beside)
    found = shutil.which(_JCMD)
    if found is None:
        raise PerfMapDumpError("jcmd is not installed beside its java, nor on the agent's path")
    return found


def _reason(said: str) -> str:
    if "Unknown diagnostic command" in said:
        return "its JDK is older than 17"
    last = said.strip().splitlines()[-1:] or ["nothing"]
    return f"jcmd said {last[0][:120]!r}"
