"""Symbols of one process: its mappings, the modules in them, its perf map, and the addresses resolved so far."""

from collections.abc import Callable, Iterable

from profiler.agent.symbols.maps import Mapping, ProcessMaps, read_maps
from profiler.agent.symbols.modules import Module, ModuleCache
from profiler.agent.symbols.naming import Naming
from profiler.agent.symbols.perfmap import PerfMap
from profiler.core.frame import Frame, FrameKind

# Per process: 2 MB. A busy program is sampled at some thousand; at the bound the cache starts afresh.
MAX_CACHED_ADDRESSES = 16_384
# What a process takes that nothing is known of, counted in addresses.
_OWN_SIZE = 16

UNMAPPED = Frame("[unknown]", FrameKind.PLACEHOLDER, "[unmapped]")
ANONYMOUS = Frame("[anonymous code]", FrameKind.JIT, "[anon]")
JIT_MODULE = "[jit]"
_VDSO = "[vdso]"
_PASSING = (FrameKind.JIT, FrameKind.PLACEHOLDER)


RecordedMaps = Callable[[int], ProcessMaps | None]
"""The mappings of a process as the kernel told them when they were made."""


class ProcessSymbols:
    """Resolves while the process lives and remembers afterwards. Only `refresh` and unknown addresses read /proc."""

    def __init__(self, pid: int, modules: ModuleCache, naming: Naming, recorded: RecordedMaps) -> None:
        self._pid = pid
        self._cache = modules
        self._naming = naming
        self._recorded = recorded
        self._maps = ProcessMaps(())
        self._modules: dict[Mapping, Module] = {}
        self._perf_map = PerfMap(pid)
        self._maps_hash = 0
        self._frames: dict[int, Frame] = {}
        self._passing: dict[int, Frame] = {}  # of code that may get a name, or another one
        self.alive = True
        self.refresh()

    @property
    def readable(self) -> bool:
        """Whether the mappings could ever be read."""
        return len(self._maps) > 0

    @property
    def size(self) -> int:
        """Mappings and addresses that are remembered: what this takes in memory is proportional to it."""
        return _OWN_SIZE + len(self._maps) + len(self._frames) + len(self._passing)

    def refresh(self) -> None:
        """Read the mappings again. After an exec or a dlopen the old answers no longer hold; after the end they do."""
        try:
            text = read_maps(self._pid)
        except OSError:
            self.alive = False
            text = ""
        if not text and not self.readable:  # gone, or a zombie, before it could be asked
            self._maps = self._recorded(self._pid) or self._maps
        if not text:
            return
        self._passing.clear()
        if hash(text) == self._maps_hash:
            return
        self._maps_hash = hash(text)
        maps = ProcessMaps.parse(text)
        # Most changes are of the heap, and leave code where it was.
        if len(maps) and maps.mappings != self._maps.mappings:
            self._maps = maps
            self._modules.clear()
            self._frames.clear()

    def frames(self, addresses: Iterable[int]) -> list[Frame]:
        """The frames of code addresses; for a caller give an address inside the call, not the one behind it."""
        known = self._frames.get
        return [known(address) or self._frame(address) for address in addresses]

    def holds(self, addresses: Iterable[int]) -> bool:
        """Whether all addresses are in executable mappings, as far as known."""
        return all(self._maps.find(address) for address in addresses if address not in self._frames)

    def _frame(self, address: int) -> Frame:
        frame = self._passing.get(address)
        if frame is None:
            frame = self._resolve(address)
            remembered = self._passing if frame.kind in _PASSING else self._frames
            if len(remembered) >= MAX_CACHED_ADDRESSES:
                remembered.clear()
            remembered[address] = frame
        return frame

    def _resolve(self, address: int) -> Frame:
        mapping = self._maps.find(address)
        if mapping is None:
            return UNMAPPED
        if mapping.is_file or mapping.path == _VDSO:
            module = self._module(mapping)
            frame = module.frame(address - mapping.start + mapping.offset)
            self._naming.expect(module, frame)
            return frame
        name = self._perf_map.find(address)
        return Frame(name, FrameKind.JIT, JIT_MODULE) if name else ANONYMOUS

    def _module(self, mapping: Mapping) -> Module:
        module = self._modules.get(mapping)
        if module is None:
            cache = self._cache
            module = cache.of_vdso() if mapping.path == _VDSO else cache.of_file(self._pid, mapping)
            self._modules[mapping] = module
        return module
