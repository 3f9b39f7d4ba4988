"""By what the samples of a recording can be told apart, and what each part is called."""

from collections.abc import Sequence
from typing import Final, Literal, get_args

from profiler.core.frame import Thread
from profiler.core.groups import SHORT_ID
from profiler.core.profile import Profile

GroupBy = Literal["comm", "pid", "tid", "cgroup", "container", "unit"]
GROUPS: Final[tuple[GroupBy, ...]] = get_args(GroupBy)
DEFAULT_GROUP: Final[tuple[GroupBy, ...]] = ("comm",)


def parse_group(text: str) -> tuple[GroupBy, ...]:
    """`container,comm`: names of GROUPS in any order and selection, each at most once. Raises ValueError."""
    names = [name for name in text.split(",") if name]
    chosen = tuple(group for name in names for group in GROUPS if group == name)
    if len(chosen) != len(names) or len(set(names)) != len(names):
        raise ValueError(f"{text!r} is not a list of {', '.join(GROUPS)}, each at most once")
    return chosen


def thread_labels(profile: Profile, thread: Thread, group: Sequence[GroupBy]) -> list[str]:
    """The names above a thread's stacks, the first outermost. What is not known of a thread has none.

    A thread outside of any container says so: its part of the whole is what a person compares the containers with.
    """
    return [name for part in group if (name := _label(profile, thread, part))]


def _label(profile: Profile, thread: Thread, part: GroupBy) -> str:
    if part in ("comm", "cgroup"):
        return thread.comm if part == "comm" else thread.cgroup
    if part in ("pid", "tid"):
        number = thread.pid if part == "pid" else thread.tid
        return f"{part} {number}" if number else ""
    if not thread.cgroup:
        return ""
    labels = profile.labels(thread)
    if part == "unit":
        return labels.unit or "no unit"
    return f"container {labels.name or labels.container[:SHORT_ID]}" if labels.container else "no container"
