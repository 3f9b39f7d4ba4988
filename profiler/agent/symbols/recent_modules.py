"""The modules of mappings, without asking for a file's identity each time that another process maps it."""

import time

from profiler.agent.symbols.maps import Mapping
from profiler.agent.symbols.modules import Module, ModuleCache

# A program that is replaced by writing into its file has the old names for so long. Processes that come and go map the
# same few files: asking for each would be most of what a process of a millisecond costs.
LOOK_AGAIN_S = 1.0
# Files of a busy host; beyond, all are looked at again.
MAX_REMEMBERED = 4096
_VDSO = "[vdso]"

_Place = tuple[str, int, str]


class RecentModules:
    """Not thread-safe."""

    def __init__(self, modules: ModuleCache) -> None:
        self._modules = modules
        self._recent: dict[_Place, tuple[Module, float]] = {}

    def of(self, pid: int, mapping: Mapping) -> Module | None:
        """None for memory that is no file's."""
        if not mapping.is_file:
            return self._modules.of_vdso() if mapping.path == _VDSO else None
        place, now = (mapping.device, mapping.inode, mapping.path), time.monotonic()
        known = self._recent.get(place)
        if known and now - known[1] < LOOK_AGAIN_S:
            return known[0]
        if len(self._recent) >= MAX_REMEMBERED:
            self._recent.clear()
        module = self._modules.of_file(pid, mapping)
        self._recent[place] = module, now
        return module
