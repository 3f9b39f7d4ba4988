"""Names the stacks that are new in a ring, while their processes still live."""

from collections.abc import Sequence

from profiler.agent.runtimes.registry import Runtimes
from profiler.agent.sampling.events import StackEvent, decode_stack
from profiler.agent.sampling.frame_table import FrameTable
from profiler.agent.sampling.stack_book import SampledStack, StackBook
from profiler.agent.sampling.stack_namer import NamedStack, StackNamer
from profiler.agent.sampling.unnamed_modules import UnnamedModules
from profiler.agent.symbols.process import ANONYMOUS, UNMAPPED
from profiler.agent.symbols.symbolizer import Symbolizer
from profiler.agent.targets.cgroup_labels import CgroupLabeller, CgroupPaths
from profiler.core.frame import Frame, has_no_symbol
from profiler.core.groups import CgroupLabels
from profiler.core.spec import RecordingSpec


class EventNamer:
    """Of one recording. Not thread-safe; the recording holds a lock."""

    def __init__(
        self, spec: RecordingSpec, symbolizer: Symbolizer, table: FrameTable, runtimes: Runtimes | None = None
    ) -> None:
        self._symbolizer = symbolizer
        self._table = table
        self._runtimes = runtimes
        wants = {"want_user": not spec.kernel_only, "want_kernel": not spec.user_only, "at_events": not spec.is_sampled}
        self._namer = StackNamer(symbolizer, table, runtimes, **wants)
        self._cgroups = CgroupPaths()
        self._labeller = CgroupLabeller()
        self._unknown_modules: dict[bytes, str] = table.cache({})
        self.unnamed = UnnamedModules()

    def decoded(self, records: Sequence[bytes]) -> list[StackEvent]:
        """What tells of these stacks was written before them, and is read first."""
        if records:
            self._symbolizer.drain_mapping_events()
            if self._runtimes:
                self._runtimes.read()
        return [decode_stack(record) for record in records]

    def named(self, event: StackEvent, book: StackBook) -> SampledStack:
        thread = book.known_thread(event)
        if thread is None:
            tgid = event.task.tgid
            if self._runtimes and event.user:
                self._runtimes.notice(tgid, event.task.comm)
            thread = book.add_thread(event, self._cgroups.path(event.cgroup, event.cgroup_hierarchy, tgid))
        stack = self._namer.name(event)
        return SampledStack(stack, thread, self._unknown_module(stack, event.task.tgid))

    def labels(self, book: StackBook) -> dict[str, CgroupLabels]:
        """Whose the control groups are. Processes are asked anew after it: they move, and ids are used again."""
        self._cgroups.forget_processes()
        return self._labeller.labels(book.cgroup_paths())

    def trim(self) -> None:
        """To be called now and then."""
        self._namer.trim()

    def _unknown_module(self, stack: NamedStack, pid: int) -> str:
        """The module of an innermost frame without a symbol, empty for one that has a name."""
        last = stack.path[-4:]
        module = self._unknown_modules.get(last)
        if module is None or module:
            frame = self._table[int.from_bytes(last, "little")]
            module = self._unknown_modules[last] = _unknown_module(frame)
            if module:
                self.unnamed.note(pid, frame)
        return module


def _unknown_module(frame: Frame) -> str:
    return frame.module if has_no_symbol(frame) or frame in (UNMAPPED, ANONYMOUS) else ""
