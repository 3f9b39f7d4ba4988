"""Profiles that a person can see: an indented tree, for tests and documents.

    web 12/34
      main
        work 3
          read <kernel> 2

A thread stands at the margin: comm pid/tid, or `-` for an unknown one. Below it are its stacks, two spaces a level:
each line a frame with its kind in <> (none: native) and the value of the stack that ends there (none: 0).
"""

import re
from typing import Final

from profiler.core.builder import ROOT, ProfileBuilder
from profiler.core.errors import ProfileError
from profiler.core.frame import Frame, FrameKind, Thread
from profiler.core.profile import Profile, ProfileMeta

INDENT: Final = "  "
NO_NAME: Final = '""'
_LINE: Final = re.compile(r"(?P<name>.*?)(?: <(?P<kind>[a-z]+)>)?(?: (?P<value>-?\d+))?")
_THREAD: Final = re.compile(r"(?P<comm>.*?) ?(?P<pid>\d+)/(?P<tid>\d+)")


def parse(text: str, meta: ProfileMeta | None = None) -> Profile:
    """The profile that a text shows. Raises ProfileError naming the line that can't be read."""
    builder = ProfileBuilder(meta or ProfileMeta())
    thread, path = 0, [ROOT]
    for number, line in enumerate(text.splitlines(), 1):
        content = line.lstrip(" ")
        depth, odd = divmod(len(line) - len(content), len(INDENT))
        if not content:
            continue
        if odd or depth > len(path):
            raise ProfileError(f"line {number}: {line!r} is indented by more than one level")
        if depth == 0:
            thread, path = builder.thread(_thread(content)), [ROOT]
            continue
        frame, value = _frame(content.rstrip(), number)
        node = builder.child(path[depth - 1], builder.frame(frame))
        path[depth:] = [node]
        if value:
            builder.add(node, value, thread)
    return builder.build()


def render(profile: Profile) -> str:
    """The text of a profile, sorted: equal for profiles that say the same by thread, name and kind of frame."""
    lines = []
    for thread, values in sorted(_by_thread(profile).items()):
        lines.append(_thread_line(thread))
        for path in sorted(_with_callers(values)):
            lines.append(INDENT * len(path) + _frame_line(path[-1], values.get(path, 0)))
    return "".join(f"{line}\n" for line in lines)


_Path = tuple[tuple[str, FrameKind], ...]


def _by_thread(profile: Profile) -> dict[Thread, dict[_Path, int]]:
    found: dict[Thread, dict[_Path, int]] = {}
    for node, number, value in zip(profile.node, profile.thread, profile.value.tolist(), strict=True):
        if not value:
            continue
        frames = (profile.frames[frame] for frame in profile.stacks.path(int(node)))
        path = tuple((frame.name, frame.kind) for frame in frames)
        values = found.setdefault(profile.threads[number]._replace(cgroup=""), {})
        values[path] = values.get(path, 0) + value
    return found


def _with_callers(paths: dict[_Path, int]) -> set[_Path]:
    return {path[:length] for path in paths for length in range(1, len(path) + 1)}


def _thread(text: str) -> Thread:
    match = _THREAD.fullmatch(text.rstrip())
    if match is None:
        return Thread(comm="" if text.rstrip() == "-" else text.rstrip())
    return Thread(int(match["pid"]), int(match["tid"]), match["comm"])


def _thread_line(thread: Thread) -> str:
    ids = f"{thread.pid}/{thread.tid}" if thread.pid or thread.tid else ""
    return f"{thread.comm} {ids}".strip() or "-"


def _frame(text: str, number: int) -> tuple[Frame, int]:
    match = _LINE.fullmatch(text)
    kind = match["kind"] if match else None
    if match is None or (kind is not None and kind.upper() not in FrameKind.__members__):
        raise ProfileError(
            f"line {number}: {text!r} has no known kind: use <{'>, <'.join(FrameKind.__members__).lower()}>"
        )
    name = "" if match["name"] == NO_NAME else match["name"]
    return Frame(name, FrameKind[kind.upper()] if kind else FrameKind.NATIVE), int(match["value"] or 0)


def _frame_line(frame: tuple[str, FrameKind], value: int) -> str:
    name, kind = frame[0] or NO_NAME, frame[1]
    shown = name if kind is FrameKind.NATIVE else f"{name} <{kind.name.lower()}>"
    ambiguous = not value and name.rpartition(" ")[2].lstrip("-").isdigit()
    return f"{shown} {value}" if value or ambiguous else shown
