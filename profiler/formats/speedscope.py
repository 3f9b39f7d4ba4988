"""Speedscope's own files, of all versions: https://www.speedscope.app/file-format-schema.json

Profiles of one unit become one profile with a thread for each, so that they can be seen together and apart. Evented
ones are time between events; sampled ones are weights, which are samples when the unit is `none`.
"""

from collections.abc import Sequence
from itertools import chain
from typing import Final, Literal

import msgspec

from profiler.core.frame import Frame, Thread
from profiler.core.profile import Profile, ProfileMeta
from profiler.formats.base import DEFAULT_LIMITS, NOT_JSON, BinaryStream, Guess, Head, Limits, Skips, refuse
from profiler.formats.blocks import whole
from profiler.formats.call_events import CallEvents
from profiler.formats.checked_builder import CheckedBuilder
from profiler.formats.checked_names import Measured, labelled
from profiler.formats.json_document import decode_json, looks_like_json
from profiler.formats.units import Unit, fractional, unit_of
from profiler.formats.units import whole as whole_number

FORMAT: Final = "speedscope"
TITLE: Final = "speedscope's JSON"
EXPECTED: Final = "a file as speedscope saves it: {'$schema': …, 'shared': {'frames': […]}, 'profiles': […]}"
SCHEMA: Final = "speedscope.app/file-format-schema.json"

BAD_FRAME: Final = "stack with the number of a frame that does not exist"
BAD_VALUE: Final = "value that is negative or no number"
UNEQUAL: Final = "sample without a weight, or weight without a sample"


class SharedFrame(msgspec.Struct):
    name: str = ""
    file: str | None = None
    line: int | float | None = None


class Shared(msgspec.Struct):
    frames: list[SharedFrame]


class Event(msgspec.Struct):
    type: Literal["O", "C"]
    frame: int
    at: int | float


class FileProfile(msgspec.Struct):
    type: Literal["evented", "sampled"]
    name: str = ""
    unit: str = "none"
    endValue: int | float | None = None  # noqa: N815 - the file's own key
    samples: list[list[int]] = []
    weights: list[int | float] = []
    events: list[Event] = []


class Document(msgspec.Struct):
    profiles: list[FileProfile]
    shared: Shared
    name: str | None = None
    exporter: str | None = None


def sniff(head: Head, filename: str) -> Guess:
    """Sure when the file names its schema, which speedscope writes first or last."""
    if not looks_like_json(head.text):
        return Guess(FORMAT, 0, NOT_JSON)
    if SCHEMA in head.text:
        return Guess(FORMAT, 0.98, "names speedscope's schema")
    if '"shared"' in head.text and '"frames"' in head.text:
        return Guess(FORMAT, 0.6, "JSON with shared frames")
    if filename.endswith(".speedscope.json"):
        return Guess(FORMAT, 0.5, "JSON whose name ends as speedscope's files do")
    return Guess(FORMAT, 0, "JSON that names no schema of speedscope")


def load_profiles(stream: BinaryStream, name: str, limits: Limits = DEFAULT_LIMITS) -> list[Profile]:
    """A profile for each unit in the file. Raises FormatError when nothing in it has a value."""
    document = decode_json(whole(stream, name, limits), Document, name, EXPECTED)
    skips = Skips()
    loaders: dict[str, _Loader] = {}
    for number, one in enumerate(document.profiles):
        unit = _unit(one)
        if unit.name not in loaders and len(loaders) >= limits.events:
            raise refuse(name, f"profiles in more than {limits.events} different units: keep those that matter")
        if unit.name not in loaders:
            loaders[unit.name] = _Loader(name, limits, skips, unit.name, document.shared)
        loaders[unit.name].profile(one, number, unit.factor)
    meta = labelled(ProfileMeta(probe=FORMAT), {"exporter": (document.exporter or "")[: limits.name_chars]})
    found = [profile for loader in loaders.values() if (profile := loader.build(meta)) is not None]
    if not found:
        raise refuse(name, f"no stack with a value in {len(document.profiles)} profiles: {skips.first or EXPECTED}")
    return found


def _unit(one: FileProfile) -> Unit:
    unit = unit_of(one.unit)
    numbers = chain(one.weights, (event.at for event in one.events))
    return unit if all(isinstance(value, int) or value.is_integer() for value in numbers) else fractional(unit)


class _Loader:
    """All profiles of one unit."""

    def __init__(self, name: str, limits: Limits, skips: Skips, unit: str, shared: Shared) -> None:
        self._builder, self._limits, self._unit = CheckedBuilder(name, limits, skips), limits, unit
        self._frames = [self._builder.frame(_frame(frame)) for frame in shared.frames]

    def profile(self, one: FileProfile, number: int, factor: int) -> None:
        thread = self._builder.thread(Thread(comm=(one.name or f"profile {number + 1}")[: self._limits.name_chars]))
        if one.type == "sampled":
            self._samples(one, thread, f"$.profiles[{number}]", factor)
        else:
            self._events(one, thread, f"$.profiles[{number}]", factor)

    def build(self, meta: ProfileMeta) -> Profile | None:
        kind = "alloc" if self._unit == "bytes" else "cpu"
        return self._builder.profile(meta, Measured(kind, self._unit))

    def _samples(self, one: FileProfile, thread: int, place: str, factor: int) -> None:
        weights: Sequence[int | float] = one.weights or [1] * len(one.samples)
        if len(weights) != len(one.samples):
            self._builder.skip(UNEQUAL, place)
        for index, (stack, weight) in enumerate(zip(one.samples, weights, strict=False)):
            value = whole_number(weight, factor)
            if value is None or not self._known(stack):
                self._builder.skip(BAD_VALUE if value is None else BAD_FRAME, f"{place}.samples[{index}]")
                continue
            node = self._builder.stack([self._frames[frame] for frame in stack], f"{place}.samples[{index}]")
            if node is not None:
                self._builder.add(node, value, thread)

    def _events(self, one: FileProfile, thread: int, place: str, factor: int) -> None:
        calls = CallEvents(self._builder, thread, self._limits.depth)
        for index, event in enumerate(one.events):
            here = f"{place}.events[{index}]"
            at = whole_number(event.at, factor)
            if at is None or not self._known([event.frame]):
                self._builder.skip(BAD_VALUE if at is None else BAD_FRAME, here)
            elif event.type == "O":
                calls.begin(self._frames[event.frame], at, here)
            else:
                calls.end(self._frames[event.frame], at, here)
        calls.finish(whole_number(one.endValue or 0, factor), place)

    def _known(self, stack: list[int]) -> bool:
        return all(0 <= frame < len(self._frames) for frame in stack)


def _frame(frame: SharedFrame) -> Frame:
    line = frame.line if isinstance(frame.line, int) and 0 <= frame.line < 2**31 else 0
    return Frame(frame.name, file=frame.file or "", line=line)
