"""The end: signals, the order of stopping, and proof that nothing is left."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import psutil

from webprof.up.supervision import Supervisor
from webprof.up.watch import Say

# Programs stop one after the other, each within STOP_SECONDS; on a healthy machine all of it takes about three seconds.
SHUTDOWN_TIMEOUT_S = 45
KILL_TIMEOUT_S = 5
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopRequested(BaseException):
    """Ctrl-C, SIGTERM or a closed terminal. Not an Exception: nothing on the way may take it for an error."""


@contextmanager
def stop_signals() -> Iterator[None]:
    """The first signal raises StopRequested in the main thread; a second one, while stopping, kills what is left."""

    def first(_number: int, _frame: FrameType | None) -> None:
        for number in _SIGNALS:
            signal.signal(number, second)
        raise StopRequested

    def second(_number: int, _frame: FrameType | None) -> None:
        kill_descendants()

    before = {number: signal.signal(number, first) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def stop_everything(supervisor: Supervisor, say: Say) -> None:
    """Stop the programs in order, then kill whatever of ours is still there (orphans are ours: `adopt_orphans`)."""
    if not supervisor.shutdown(SHUTDOWN_TIMEOUT_S):
        say(f"not everything stopped within {SHUTDOWN_TIMEOUT_S} s: killing the rest")
    killed = kill_descendants()
    if killed:
        say(f"killed {len(killed)} processes that were left: {', '.join(killed)}")


def kill_descendants() -> list[str]:
    """Kill every descendant and wait for its end. Returns what was killed, as `name (pid)`."""
    left = psutil.Process().children(recursive=True)
    names = [_label(process) for process in left if _running(process)]
    for process in left:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(left, timeout=KILL_TIMEOUT_S)
    return names


def _running(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _label(process: psutil.Process) -> str:
    try:
        return f"{process.name()} ({process.pid})"
    except psutil.NoSuchProcess:
        return str(process.pid)
