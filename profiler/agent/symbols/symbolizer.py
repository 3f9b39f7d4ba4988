"""What a running host's addresses mean: the kernel's symbols and those of its processes."""

import contextlib
import logging
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from profiler.agent.symbols.dwarf_lookups import DwarfLookups
from profiler.agent.symbols.kallsyms import KernelSymbols
from profiler.agent.symbols.mapping_events import MappingEvents, mapped_file
from profiler.agent.symbols.maps import ProcessMaps
from profiler.agent.symbols.modules import ModuleCache
from profiler.agent.symbols.mount_roots import MountRoots
from profiler.agent.symbols.naming import Naming
from profiler.agent.symbols.process import ProcessSymbols
from profiler.agent.symbols.recent_modules import RecentModules
from profiler.agent.targets.pid_namespaces import pid_counter, youngest_first

logger = logging.getLogger(__name__)

# Mappings of all processes: 3 MB. The least recently sampled processes are forgotten first, and read again if they come
# back.
MAX_REMEMBERED = 16_384
# The kernel tells when code is mapped. What it does not tell (mremap) is noticed by an address that is nowhere, or at
# the latest after this long.
MAPS_LIFETIME_S = 30.0
# When it tells nothing.
UNTOLD_MAPS_LIFETIME_S = 1.0


class _Known(NamedTuple):
    """A process, when its mappings were read, and how large it was then."""

    process: ProcessSymbols
    read_at: float
    size: int


class Symbolizer:
    """Caches are shared by all recordings of an agent, which may run at once. Thread-safe."""

    def __init__(self) -> None:
        self._roots = MountRoots()
        self._modules = RecentModules(ModuleCache(self._roots.roots))
        self.naming = Naming(DwarfLookups())
        self._kernel: KernelSymbols | None = None
        self._processes: OrderedDict[int, _Known] = OrderedDict()
        self._remembered = 0
        self._changed: set[int] = set()
        self._lock = threading.RLock()
        self._mapping_events: list[MappingEvents] = []

    @property
    def kernel(self) -> KernelSymbols:
        """Read at the first kernel frame of a recording: it takes 60 ms."""
        if self._kernel is None:
            self._kernel = KernelSymbols.of_running_kernel()
        return self._kernel

    def forget_kernel(self) -> None:
        """Read the kernel's symbols again when they are needed: modules and BPF programs come and go."""
        self._kernel = None

    def forget(self, pid: int) -> None:
        """Look at a process afresh: what had no name may have got one."""
        with self._lock:
            self._take(pid)

    @contextlib.contextmanager
    def following_mappings(
        self, cpus: Iterable[int], awaited: re.Pattern[bytes] | None = None
    ) -> Iterator[MappingEvents | None]:
        """Processes that have ended are named, too. Without it only those that live long enough to be asked.

        `awaited` as in MappingEvents, which the symbolizer drains. None where the kernel tells nothing.
        """
        try:
            events = MappingEvents(cpus, awaited)
        except OSError as error:
            logger.warning("processes that end at once will have no names: %s", error)
            yield None
            return
        with self._lock:
            self._mapping_events.append(events)
        try:
            yield events
        finally:
            with self._lock:
                self._mapping_events.remove(events)
                events.close()
                if not self._mapping_events:
                    self._roots.clear()

    def drain_mapping_events(self) -> None:
        with self._lock:
            for events in self._mapping_events:
                lost = events.lost
                self._changed |= events.drain() & self._processes.keys()
                if events.lost != lost:
                    self._changed |= self._processes.keys()
                self._meet_roots(events)

    def _meet_roots(self, events: MappingEvents) -> None:
        """At the first sight of a file, while who maps it lives: what it sees is gone with it."""
        if self._roots.expire():
            events.forget_met()
        for file, pid in events.take_unmet().items():
            if self._roots.meet(pid):
                events.met(file)
                mapping = mapped_file(file)
                if mapping.is_file and self._roots.loses(pid, mapping.device):
                    self._modules.of(pid, mapping)

    def meet_running(self, pids: Iterable[int]) -> None:
        """Read the mappings of processes that began before anybody followed them: at their end it would be too late.

        Of a great many processes the youngest, which are the likeliest to end soon. They take half of the room at most:
        what was remembered longest ago, much of it of processes that are gone, makes way.
        """
        met = 0
        for pid in youngest_first(pids, *pid_counter()):
            with self._lock:
                self._roots.meet(pid)
                if met >= MAX_REMEMBERED // 2:
                    return
                known = self._processes.get(pid)
                if known:
                    self._processes.move_to_end(pid)
                    met += known.size
                else:
                    met += self._met(pid)

    def meet_targets(self, pids: Iterable[int]) -> None:
        """Read the mappings of all of these, and afresh: a pid may be another process by now."""
        for pid in pids:
            with self._lock:
                self._roots.meet(pid)
                self._changed.add(pid)
                self._met(pid)

    def mapped_itself(self, pid: int) -> bool:
        """Whether a forked process has mapped code that its parent has not, as far as was seen."""
        with self._lock:
            return any(events.mapped_itself(pid) for events in self._mapping_events)

    def process(self, pid: int) -> ProcessSymbols:
        """As its mappings are now, or were at its end."""
        with self._lock:
            now = time.monotonic()
            known = self._processes.get(pid)
            if known is None:
                return self._remember(ProcessSymbols(pid, self._modules, self.naming, self._recorded_maps), now)
            process, read_at, _ = known
            self._processes.move_to_end(pid)
            lifetime = MAPS_LIFETIME_S if self._mapping_events else UNTOLD_MAPS_LIFETIME_S
            if pid in self._changed or now - read_at > lifetime:
                process.refresh()
                self._remember(process, now)
            return process

    def files(self, pid: int) -> frozenset[tuple[str, int]]:
        """Device and inode of the files whose code a process has mapped, as far as known."""
        return self.process(pid).space.maps.files

    def ask(self, process: ProcessSymbols) -> None:
        """Read the mappings of a process, of which an address is in none."""
        with self._lock:
            process.refresh(ask=True)
            self._remember(process, time.monotonic())

    def _met(self, pid: int) -> int:
        """What it takes to remember; 0 for one without mappings, which is not remembered."""
        process = self.process(pid)
        if process.readable:
            return process.size
        self._take(pid)
        return 0

    def _remember(self, process: ProcessSymbols, now: float) -> ProcessSymbols:
        self._changed.discard(process.pid)
        self._take(process.pid)
        self._processes[process.pid] = _Known(process, now, process.size)
        self._remembered += process.size
        while self._remembered > MAX_REMEMBERED and len(self._processes) > 1:
            self._remembered -= self._processes.popitem(last=False)[1].size
        return process

    def _take(self, pid: int) -> None:
        known = self._processes.pop(pid, None)
        self._remembered -= known.size if known else 0

    def _recorded_maps(self, pid: int, whole: bool) -> ProcessMaps | None:
        for events in self._mapping_events:
            if maps := events.maps(pid, whole=whole):
                return maps
        return None
