"""The last step of symbolising: debug information puts inlined functions and source lines into a profile.

It works on whole profiles, after sampling, because looking things up in DWARF takes its time. Until then a frame keeps
its address (`Module.frame`).
"""

import weakref

from profiler.agent.symbols.dwarf_lookups import DwarfLookups
from profiler.agent.symbols.modules import Module, is_unfinished
from profiler.core.frame import Frame, FrameKind, has_no_symbol
from profiler.core.profile import Profile
from profiler.core.resolve import rename
from profiler.debuginfo.source_frame import SourceFrame


class Naming:
    """`lookups` is shared by all recordings."""

    def __init__(self, lookups: DwarfLookups) -> None:
        self.lookups = lookups
        self._modules: weakref.WeakValueDictionary[int, Module] = weakref.WeakValueDictionary()

    def expect(self, module: Module, frame: Frame) -> None:
        """A frame of this module was sampled: look its address up ahead."""
        if is_unfinished(frame):
            self._modules[module.number] = module
            self.lookups.want(module, frame.offset)

    def named(self, profile: Profile, wait_s: float = 0.0) -> Profile:
        """The profile with inlined functions and lines, as far as they are known within `wait_s`; names stay anyway."""
        chains = {frame: self._chain(frame) for frame in profile.frames if is_unfinished(frame)}
        if wait_s and chains:
            self.lookups.wait(wait_s)
            chains = {frame: self._chain(frame) for frame in chains}
        return rename(profile, lambda frame: chains.get(frame) or (frame,), has_no_symbol)

    def _chain(self, frame: Frame) -> tuple[Frame, ...]:
        module = self._modules.get(frame.line)
        found = self.lookups.chain(module, frame.offset) if module else ()
        if not found:
            offset = frame.offset if has_no_symbol(frame) else 0
            return (Frame(frame.name, FrameKind.NATIVE, frame.module, frame.build_id, offset),)
        *inlined, function = found
        name = function.name if has_no_symbol(frame) and function.name else frame.name
        outermost = Frame(name, FrameKind.NATIVE, frame.module, frame.build_id, 0, function.file, function.line)
        return (outermost, *(_inlined(each, frame) for each in reversed(inlined)))


def _inlined(source: SourceFrame, frame: Frame) -> Frame:
    return Frame(source.name, FrameKind.INLINED, frame.module, frame.build_id, file=source.file, line=source.line)
