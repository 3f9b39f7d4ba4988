"""What a thread waits for, in words: from how the kernel put it to rest, and what it was doing there."""

import re
from collections.abc import Iterable
from enum import IntEnum

from profiler.core.frame import Frame, FrameKind
from profiler.core.states import state_frame


class WaitState(IntEnum):
    """`enum wait_state` of profiler/bpf/waits.h."""

    NONE = 0
    SLEEP = 1
    BLOCKED = 2
    IO = 3
    STOPPED = 4
    PREEMPTED = 5
    WOKEN = 6
    ON_CPU = 7
    ON_CPU_REST = 8
    WAKER = 9
    UNSEEN = 10


DISK, LOCK, TIMER, EVENTS = state_frame("disk IO"), state_frame("lock"), state_frame("sleep"), state_frame("events")
BLOCKED, STOPPED, WAITING = state_frame("blocked"), state_frame("stopped"), state_frame("waiting")
PREEMPTED, RUN_QUEUE = state_frame("preempted"), state_frame("run queue")
RUNNING = state_frame("on CPU")

_OF_STATE = {
    WaitState.IO: DISK,
    WaitState.STOPPED: STOPPED,
    WaitState.PREEMPTED: PREEMPTED,
    WaitState.WOKEN: RUN_QUEUE,
    WaitState.UNSEEN: WAITING,
    WaitState.ON_CPU: RUNNING,
    WaitState.ON_CPU_REST: RUNNING,
}
# Functions of the kernel that tell what it is, whatever its version calls their variants. The first that fits counts.
_TOLD_BY = (
    (
        re.compile(
            r"futex_wait|futex_lock_pi|mutex_lock|rwsem_down|down_read|down_write|rt_mutex|semtimedop|__down|"
            r"locks_lock_inode_wait|fcntl_setlk|percpu_rwsem_wait"
        ),
        LOCK,
    ),
    (
        re.compile(r"io_schedule|folio_wait|wait_on_page|wait_on_buffer|submit_bio_wait|jbd2_log_wait|blk_mq_get_tag"),
        DISK,
    ),
    (re.compile(r"nanosleep|msleep|usleep"), TIMER),
)


def wait_frame(state: int, frames: Iterable[Frame]) -> Frame | None:
    """The frame for the state of a stack; None where there is no state."""
    if state in (WaitState.NONE, WaitState.WAKER):
        return None
    known = _OF_STATE.get(WaitState(state))
    if known is not None:
        return known
    kernel = [frame.name for frame in frames if frame.kind is FrameKind.KERNEL]
    for pattern, frame in _TOLD_BY:
        if any(pattern.search(name) for name in kernel):
            return frame
    if state == WaitState.BLOCKED:
        return BLOCKED
    # Without the kernel's part of the stack nobody can tell.
    return EVENTS if kernel else WAITING
