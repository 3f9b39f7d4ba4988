"""From the addresses in a profile to functions, out of the debug files of their builds."""

import logging
from collections.abc import Mapping, Sequence

from profiler.core.frame import Frame, FrameKind
from profiler.core.resolve import Lookup, is_unresolved
from profiler.debugfiles.storage import path_of
from profiler.debuginfo.debug_file import DebugFile as Functions
from profiler.debuginfo.elf import ElfError
from profiler.debuginfo.source_frame import SourceFrame
from profiler.models import DebugFile

log = logging.getLogger(__name__)


def names_in(files: Mapping[str, DebugFile], frames: Sequence[Frame]) -> Lookup:
    """A lookup for these frames, from the ready files by build id: each file is opened once, and asked for all at once.

    A file that can't be read gives no names, and the log says why.
    """
    addresses: dict[str, list[Frame]] = {}
    for frame in frames:
        if is_unresolved(frame) and frame.build_id in files:
            addresses.setdefault(frame.build_id, []).append(frame)
    found: dict[tuple[str, int], tuple[Frame, ...]] = {}
    for build_id, some in addresses.items():
        found |= _functions(files[build_id], some)
    return lambda build_id, offset: found.get((build_id, offset), ())


def _functions(file: DebugFile, frames: Sequence[Frame]) -> dict[tuple[str, int], tuple[Frame, ...]]:
    try:
        with Functions(path_of(file)) as functions:
            chains = functions.frames_of([frame.offset for frame in frames])
            if functions.problem:
                log.warning("debug file %s (%s): only names, no lines: %s", file.pk, file.name, functions.problem)
    except (ElfError, OSError) as error:
        log.warning("debug file %s (%s) gives no names: %s", file.pk, file.name, error)
        return {}
    return {
        (frame.build_id, frame.offset): tuple(_named(frame, each) for each in reversed(chain))
        for frame, chain in zip(frames, chains, strict=True)
    }


def _named(frame: Frame, function: SourceFrame) -> Frame:
    """The function in the place of the address: it has no offset, so that all addresses of it are the same frame."""
    kind = FrameKind.INLINED if function.inlined else FrameKind.NATIVE
    return Frame(function.name, kind, frame.module, frame.build_id, 0, function.file, function.line)
