"""Symbols of one process: its mappings, the modules in them, its perf map."""

from collections.abc import Callable, Iterable

from profiler.agent.maps_file import read_maps
from profiler.agent.symbols.maps import ProcessMaps
from profiler.agent.symbols.modules import Module
from profiler.agent.symbols.naming import Naming
from profiler.agent.symbols.perfmap import PerfMap
from profiler.agent.symbols.recent_modules import RecentModules
from profiler.core.frame import Frame, FrameKind

# What a process takes that nothing is known of, counted in mappings.
_OWN_SIZE = 16

UNMAPPED = Frame("[unknown]", FrameKind.PLACEHOLDER, "[unmapped]")
ANONYMOUS = Frame("[anonymous code]", FrameKind.JIT, "[anon]")
JIT_MODULE = "[jit]"
_PASSING = (FrameKind.JIT, FrameKind.PLACEHOLDER)

RecordedMaps = Callable[[int, bool], ProcessMaps | None]
"""`(pid, whole)`: the mappings of a process as the kernel told them when they were made (MappingEvents.maps)."""


def is_passing(frame: Frame) -> bool:
    """Whether the frame is of code that may get a name, or another one, while its mapping stays."""
    return frame.kind in _PASSING


class AddressSpace:
    """Where code is in a process. More may come; when code goes, another one takes its place, so answers hold."""

    def __init__(self, pid: int, maps: ProcessMaps, modules: RecentModules, naming: Naming) -> None:
        self._pid = pid
        self.maps = maps
        self._recent = modules
        self._naming = naming
        self._modules: dict[int, Module | None] = {}  # by the start of their mapping
        self._perf_map: PerfMap | None = None

    def __len__(self) -> int:
        return len(self.maps)

    def holds(self, addresses: Iterable[int]) -> bool:
        """Whether all addresses are in executable mappings, as far as known."""
        return all(self.maps.find(address) for address in addresses)

    def keeps(self, maps: ProcessMaps) -> bool:
        """Whether all files' code is where it was. Other memory comes and goes, and has no lasting names."""
        files = {mapping for mapping in self.maps.mappings if mapping.is_file}
        return len(files) > 0 and files <= set(maps.mappings)

    def place(self, address: int) -> tuple[Module, int] | None:
        """The file that the code is from, and where in it. None for memory that is no file's, or is not mapped."""
        mapping = self.maps.find(address)
        if mapping is None:
            return None
        module = self._modules.get(mapping.start)
        if module is None:
            module = self._modules[mapping.start] = self._recent.of(self._pid, mapping)
        return None if module is None else (module, address - mapping.start + mapping.offset)

    def frame(self, address: int) -> Frame:
        """Of a code address; for a caller give an address inside the call, not the one behind it."""
        place = self.place(address)
        if place is not None:
            return self.frame_at(*place)
        if self.maps.find(address) is None:
            return UNMAPPED
        if self._perf_map is None:
            self._perf_map = PerfMap(self._pid)
        name = self._perf_map.find(address)
        return Frame(name, FrameKind.JIT, JIT_MODULE) if name else ANONYMOUS

    def frame_at(self, module: Module, file_offset: int) -> Frame:
        """Of a place in a file. What debug information can tell of it is looked up from now on."""
        frame = module.known(file_offset)
        if frame is None:
            frame = module.frame(file_offset)
            self._naming.expect(module, frame)
        return frame


class ProcessSymbols:
    """Its address space as far as known, read anew with `refresh`; `former` is the one before an exec or a dlclose."""

    def __init__(self, pid: int, modules: RecentModules, naming: Naming, recorded: RecordedMaps) -> None:
        self.pid = pid
        self._shared = modules, naming
        self._recorded = recorded
        self._maps_hash = 0
        self._asked = False
        self.space = AddressSpace(pid, ProcessMaps(()), *self._shared)
        self.former: AddressSpace | None = None
        self.refresh()

    @property
    def readable(self) -> bool:
        """Whether the mappings could ever be read."""
        return len(self.space) > 0

    @property
    def size(self) -> int:
        """Mappings that are remembered: what this takes in memory is proportional to it."""
        return _OWN_SIZE + len(self.space) + (len(self.former) if self.former else 0)

    def refresh(self, *, ask: bool = False) -> None:
        """After an exec or a dlopen the old answers no longer hold; after the end they do.

        `ask`: the process itself, although the kernel's records should tell.
        """
        self._asked |= ask  # the two may differ, and code would come and go
        maps = None if self._asked else self._recorded(self.pid, True)
        maps = maps or self._read()
        if maps is None and not self.readable:  # gone, or a zombie, before it could be asked
            maps = self._recorded(self.pid, False)
        if maps is None or not len(maps):
            return
        if self.space.keeps(maps):
            self.space.maps = maps
            return
        self.former = self.space if self.readable else None
        self.space = AddressSpace(self.pid, maps, *self._shared)

    def _read(self) -> ProcessMaps | None:
        """None when it is gone, or says what it said."""
        try:
            text = read_maps(self.pid)
        except OSError:
            return None
        if not text or hash(text) == self._maps_hash:
            return None
        self._maps_hash = hash(text)
        return ProcessMaps.parse(text)
