"""Stack events to frames, root first."""

import contextlib
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from profiler.agent.events import CUT_OUTCOMES, OUTCOME_NAMES, StackEvent
from profiler.agent.symbols.dwarf_lookups import DwarfLookups
from profiler.agent.symbols.kallsyms import KernelSymbols
from profiler.agent.symbols.mapping_events import MappingEvents
from profiler.agent.symbols.maps import ProcessMaps
from profiler.agent.symbols.modules import ModuleCache
from profiler.agent.symbols.naming import Naming
from profiler.agent.symbols.process import ProcessSymbols
from profiler.core.cut import cut_frame
from profiler.core.frame import Frame, FrameKind

logger = logging.getLogger(__name__)

# Mappings and addresses of all processes: 8 MB. Those of a process of some milliseconds are a hundred, a server's some
# thousand. The least recently sampled processes are forgotten first, and read again if they come back.
MAX_REMEMBERED = 65_536
# An exec is noticed by an address that is nowhere, or at the latest after this long.
MAPS_LIFETIME_S = 1.0
# A broken frame chain gives wild addresses all the time; they may not cause a reading of the mappings each.
MIN_REFRESH_INTERVAL_S = 0.05

NO_USER_STACK = Frame("[no user stack]", FrameKind.PLACEHOLDER)
NO_KERNEL_STACK = Frame("[no kernel stack]", FrameKind.PLACEHOLDER)
STACK_LOST = Frame("[stack lost]", FrameKind.PLACEHOLDER)
PROCESS_GONE = Frame("[process gone]", FrameKind.PLACEHOLDER)
KERNEL_STACK_CUT = Frame("[kernel stack cut]", FrameKind.PLACEHOLDER)


class _Known(NamedTuple):
    """A process, when its mappings were read, and how large it was when it was last asked."""

    process: ProcessSymbols
    read_at: float
    size: int


class Symbolizer:
    """Caches are shared by all recordings of an agent, which may run at once."""

    def __init__(self) -> None:
        self._modules = ModuleCache()
        self.naming = Naming(DwarfLookups())
        self._kernel: KernelSymbols | None = None  # read at the first kernel frame of a recording: it takes 60 ms
        self._processes: OrderedDict[int, _Known] = OrderedDict()
        self._remembered = 0
        self._lock = threading.Lock()
        self._mapping_events: list[MappingEvents] = []

    def forget_kernel(self) -> None:
        """Read the kernel's symbols again when they are needed: modules and BPF programs come and go."""
        self._kernel = None

    def forget(self, pid: int) -> None:
        """Look at a process afresh: what had no name may have got one."""
        with self._lock:
            self._take(pid)

    @contextlib.contextmanager
    def following_mappings(self, cpus: Iterable[int]) -> Iterator[None]:
        """Processes that have ended are named, too. Without it only those that live long enough to be asked."""
        try:
            events = MappingEvents(cpus)
        except OSError as error:
            logger.warning("processes that end at once will have no names: %s", error)
            yield
            return
        with self._lock:
            self._mapping_events.append(events)
        try:
            yield
        finally:
            with self._lock:
                self._mapping_events.remove(events)
                events.close()

    def drain_mapping_events(self) -> None:
        with self._lock:
            for events in self._mapping_events:
                events.drain()

    def _recorded_maps(self, pid: int) -> ProcessMaps | None:
        return next((maps for events in self._mapping_events if (maps := events.maps(pid))), None)

    def stack(self, event: StackEvent, *, want_user: bool = True, want_kernel: bool = True) -> list[Frame]:
        """Frames root first: user, then kernel. Never empty: what can't be shown is a placeholder."""
        with self._lock:
            user = self._user(event) if want_user else []
        if want_user and event.outcome in CUT_OUTCOMES:
            user.insert(0, cut_frame(OUTCOME_NAMES[event.outcome]))
        kernel = self._kernel_frames(event) if event.kernel else []
        if kernel and event.kernel_cut:
            kernel.insert(0, KERNEL_STACK_CUT)
        if user or kernel:
            return user + kernel
        return [NO_USER_STACK if want_user else NO_KERNEL_STACK]

    def _kernel_frames(self, event: StackEvent) -> list[Frame]:
        symbols = self._kernel
        if symbols is None:
            symbols = self._kernel = KernelSymbols.of_running_kernel()
        return [symbols.frame(address) for address in reversed(_inside_calls(event.kernel))]

    def _user(self, event: StackEvent) -> list[Frame]:
        addresses = [address for address in _inside_calls(event.user) if address > 0]
        if not addresses:
            return []
        process = self._process(event.task.tgid, addresses)
        if not process.readable and event.memory_of:
            process = self._process(event.memory_of, addresses)
            # After an exec of its own it has other memory than it gave away.
            if not process.holds(addresses):
                return [PROCESS_GONE]
        if not process.readable:
            return [PROCESS_GONE]
        return process.frames(reversed(addresses))

    def _process(self, pid: int, addresses: list[int]) -> ProcessSymbols:
        now = time.monotonic()
        known = self._take(pid)
        if known is None:
            process, read_at = ProcessSymbols(pid, self._modules, self.naming, self._recorded_maps), now
        else:
            process, read_at, _ = known
            lifetime = MAPS_LIFETIME_S if process.holds(addresses) else MIN_REFRESH_INTERVAL_S
            if now - read_at > lifetime:
                process.refresh()
                read_at = now
        self._remember(pid, _Known(process, read_at, process.size))
        return process

    def _take(self, pid: int) -> _Known | None:
        known = self._processes.pop(pid, None)
        self._remembered -= known.size if known else 0
        return known

    def _remember(self, pid: int, known: _Known) -> None:
        self._processes[pid] = known
        self._remembered += known.size
        while self._remembered > MAX_REMEMBERED and len(self._processes) > 1:
            self._remembered -= self._processes.popitem(last=False)[1].size


def _inside_calls(addresses: tuple[int, ...]) -> list[int]:
    """The innermost address is where the CPU is; the others are behind a call, which may end its function."""
    return [*addresses[:1], *(address - 1 for address in addresses[1:])]
