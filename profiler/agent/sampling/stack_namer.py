"""From stack events to paths of numbered frames. The same frames again cost a look into a dictionary."""

import re
from array import array
from collections import OrderedDict
from collections.abc import Iterator
from typing import NamedTuple

from profiler.agent.runtimes.base import Refined
from profiler.agent.runtimes.registry import Runtimes
from profiler.agent.sampling.events import CUT_OUTCOMES, OUTCOME_NAMES, PythonOutcome, StackEvent, WalkOutcome
from profiler.agent.sampling.frame_table import FrameTable
from profiler.agent.sampling.process_frames import MAX_CACHED_STACKS, NOTHING, ProcessFrames
from profiler.agent.symbols.process import ProcessSymbols
from profiler.agent.symbols.symbolizer import Symbolizer
from profiler.core.cut import cut_frame
from profiler.core.frame import Frame, FrameKind

# Processes that ran on a busy host within seconds; the least recently sampled are forgotten first.
MAX_PROCESSES = 1024
# Addresses of all processes: 8 MB. Those of a process of some milliseconds are a hundred, a server's some thousand.
MAX_REMEMBERED = 65_536
# Different kernel stacks of a busy host within minutes; at the bound the cache starts afresh.
MAX_KERNEL_STACKS = 8192

NO_USER_STACK = Frame("[no user stack]", FrameKind.PLACEHOLDER)
NO_KERNEL_STACK = Frame("[no kernel stack]", FrameKind.PLACEHOLDER)
STACK_LOST = Frame("[stack lost]", FrameKind.PLACEHOLDER)
PROCESS_GONE = Frame("[process gone]", FrameKind.PLACEHOLDER)
KERNEL_STACK_CUT = Frame("[kernel stack cut]", FrameKind.PLACEHOLDER)

# What the kernel calls to run us at an event: it is no part of what happened.
_TRACING = re.compile(r"bpf_prog_|bpf_trace_run|__bpf_trace_|__traceiter_|trace_call_bpf|perf_trace_")
NOT_ASKED_FOR = "not asked for"
_CUT_FRAMES = {outcome: cut_frame(OUTCOME_NAMES[outcome]) for outcome in CUT_OUTCOMES}


class NamedStack(NamedTuple):
    """`path`: as in core.path_trie, never empty: what can't be shown is a placeholder. `outcome` is of the user stack.

    runtime_outcome, hint: as in Refined.
    """

    path: bytes
    outcome: str
    runtime_outcome: str = ""
    hint: str = ""


class StackNamer:
    """Of one recording. Not thread-safe; the recording holds a lock.

    `at_events`: stacks are taken at events, where the innermost frames are those of taking it.
    """

    def __init__(
        self,
        symbolizer: Symbolizer,
        table: FrameTable,
        runtimes: Runtimes | None = None,
        *,
        want_user: bool = True,
        want_kernel: bool = True,
        at_events: bool = False,
    ) -> None:
        self._symbolizer = symbolizer
        self._table = table
        self._runtimes = runtimes
        self._want_user = want_user
        self._want_kernel = want_kernel
        self._at_events = at_events
        self._processes: OrderedDict[int, ProcessFrames] = table.cache(OrderedDict())
        self._kernel: dict[bytes, bytes] = table.cache({})

    def name(self, event: StackEvent) -> NamedStack:
        path, runtime_outcome, hint, ended = self._user(event) if self._want_user else (b"", "", "", event.outcome)
        if event.kernel and self._want_kernel:
            path += self._kernel_path(event)
        if not path:
            path = self._path([NO_USER_STACK if self._want_user else NO_KERNEL_STACK])
        outcome = OUTCOME_NAMES[ended] if self._want_user else NOT_ASKED_FOR
        return NamedStack(path, outcome, runtime_outcome, hint)

    def trim(self) -> None:
        """Forget the processes sampled longest ago that are over the bound. To be called now and then."""
        size = sum(process.size for process in self._processes.values())
        while size > MAX_REMEMBERED and len(self._processes) > 1:
            size -= self._processes.popitem(last=False)[1].size

    def _path(self, frames: list[Frame]) -> bytes:
        return array("i", map(self._table.number, frames)).tobytes()

    def _kernel_path(self, event: StackEvent) -> bytes:
        addresses = _packed(event.kernel)
        path = self._kernel.get(addresses)
        if path is None:
            if len(self._kernel) >= MAX_KERNEL_STACKS:
                self._kernel.clear()
            innermost, *callers = event.kernel
            frame = self._symbolizer.kernel.frame
            frames = [*(frame(address - 1) for address in reversed(callers)), frame(innermost)]
            while self._at_events and len(frames) > 1 and _TRACING.match(frames[-1].name):
                frames.pop()
            path = self._kernel[addresses] = self._path(frames)
        return self._path([KERNEL_STACK_CUT]) + path if event.kernel_cut else path

    def _user(self, event: StackEvent) -> tuple[bytes, str, str, WalkOutcome]:
        addresses = event.user
        if not addresses:
            return self._refined(event, [], None, None)
        process = self._frames_of(self._nearest(event))
        innermost, lasts = process.innermost(addresses[0])
        # Where in its innermost function a program was sampled makes no other stack.
        where = (_packed(addresses[1:]), _packed(event.python))
        key = (innermost, where, event.python_outcome, event.outcome) if lasts else None
        if key and (known := process.stacks.get(key)):
            return known
        callers = process.callers(addresses)
        if callers is None or innermost is None:
            numbers = self._looked_up(event, process)
            key = key if process.callers(addresses) is not None else None
        else:
            numbers = [*callers, innermost]
        if NOTHING in numbers:
            numbers = [number for number in numbers if number != NOTHING]
        return self._refined(event, numbers, process, key)

    def _refined(
        self, event: StackEvent, numbers: list[int], process: ProcessFrames | None, key: object
    ) -> tuple[bytes, str, str, WalkOutcome]:
        has_python = event.python_outcome is not PythonOutcome.NONE
        refined = self._runtimes.refine(event, numbers) if self._runtimes and (numbers or has_python) else None
        refined = refined or Refined(numbers)
        ended = event.outcome if refined.ended is None else refined.ended
        path = array("i", refined.frames).tobytes()
        if cut := _CUT_FRAMES.get(ended):
            path = self._path([cut]) + path
        made = path, refined.outcome, refined.hint, ended
        if key is not None and process is not None and refined.lasting:
            if len(process.stacks) >= MAX_CACHED_STACKS:
                process.stacks.clear()
            process.stacks[key] = made
        return made

    def _looked_up(self, event: StackEvent, nearest: ProcessFrames) -> list[int]:
        """From the address space that holds all addresses, if there is one."""
        for process in self._candidates(event, nearest):
            numbers = process.numbers(event.user, wild=False)
            if numbers is not None:
                return numbers
        own = self._symbolizer.process(event.task.tgid)
        if not own.readable:
            return [self._table.number(PROCESS_GONE)]
        return self._frames_of(own).numbers(event.user, wild=True) or []

    def _candidates(self, event: StackEvent, nearest: ProcessFrames) -> Iterator[ProcessFrames]:
        """Stacks are older than what is known of mappings now: the process may have called exec since, or ended."""
        yield nearest
        own = self._symbolizer.process(event.task.tgid)
        if self._frames_of(own) is not nearest:
            yield self._frames_of(own)
        if self._frames_of(own).may_ask():
            self._symbolizer.ask(own)
            yield self._frames_of(own)
        if own.former:
            yield ProcessFrames(own.former, self._table)
        if event.memory_of:
            yield self._frames_of(self._symbolizer.process(event.memory_of))

    def _nearest(self, event: StackEvent) -> ProcessSymbols:
        """A fork that has mapped nothing itself has its parent's code, and shares what is known of it."""
        pid = event.task.tgid
        if event.memory_of and not self._symbolizer.mapped_itself(pid):
            parent = self._symbolizer.process(event.memory_of)
            if parent.readable:
                return parent
        return self._symbolizer.process(pid)

    def _frames_of(self, process: ProcessSymbols) -> ProcessFrames:
        known = self._processes.get(process.pid)
        if known is None or known.space is not process.space:
            known = self._processes[process.pid] = ProcessFrames(process.space, self._table)
            if len(self._processes) > MAX_PROCESSES:
                self._processes.popitem(last=False)
        else:
            self._processes.move_to_end(process.pid)
        return known


def _packed(words: tuple[int, ...]) -> bytes:
    """To remember: a fifth of what the numbers take one by one."""
    return array("Q", words).tobytes()
