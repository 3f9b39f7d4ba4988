"""The tables that stacks are walked by, once for all programs that take one now and then; and names for these stacks.

A recording has tables of its own. Histograms take a few stacks a second each, of anybody on the host: what unwinding
takes (64 MiB of rows at most) is there once, from when the first of them runs until the last one ends.
"""

import contextlib
import functools
import logging
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from profiler.agent.kernel.counts import online_cpus
from profiler.agent.kernel.program import SamplingProgram
from profiler.agent.kernel.program_source import MAP_HEADERS, STACK_HEADERS, TARGET_HEADERS, ProgramOptions
from profiler.agent.runtimes.registry import RUNTIME_FILES, Context, Runtimes
from profiler.agent.sampling.event_namer import EventNamer
from profiler.agent.sampling.filters import program_options
from profiler.agent.sampling.frame_table import FrameTable
from profiler.agent.sampling.recording import BACKGROUND_LOOK_INTERVAL_S, shared_symbolizer
from profiler.agent.sampling.sampled_profile import ProfileParts, Rows
from profiler.agent.sampling.stack_book import StackBook
from profiler.agent.symbols.symbolizer import Symbolizer
from profiler.agent.targets.pid_namespaces import all_pids
from profiler.agent.unwind import unwinder
from profiler.core.profile import Profile, ProfileMeta
from profiler.core.quality import Quality
from profiler.core.spec import RecordingSpec
from profiler.core.times import Times

logger = logging.getLogger(__name__)

# Each program's own ring gets its size when it is loaded.
_RING_PAGES = 1
_PAGE = 4096
# Written by the one program of the tables and by the agent, read by all that walk. What a walk needs for a moment is
# each program's own.
SHARED_MAPS = (
    "forked_from", "python_codes", "python_names", "pythons", "unwind_files", "unwind_mappings", "unwind_processes",
    "unwind_requests", "unwind_rows", "unwind_vdso",
)  # fmt: skip
_KEEPER = "bpf/walk_tables.c"
# Anybody's, at events.
_SPEC = RecordingSpec(probe="off_cpu")


def walking(options: ProgramOptions, switches: Iterable[str] = ()) -> ProgramOptions:
    """A program at events with the walk in it."""
    walk = program_options(_SPEC, None, _RING_PAGES * _PAGE)
    return replace(
        options,
        switches=options.switches | walk.switches | unwinder.switches() | {"AT_EVENTS", "WALK_EH", *switches},
        sizes=walk.sizes | unwinder.sizes() | options.sizes,
        files=(*TARGET_HEADERS, *MAP_HEADERS, *STACK_HEADERS, *options.files),
    )


class Walk:
    """`close` ends it. Raises WebprofError or OSError where the kernel lacks what it takes."""

    def __init__(self, symbolizer: Symbolizer) -> None:
        self.ready = False
        self._symbolizer = symbolizer
        self._resources = contextlib.ExitStack()
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="webprof-walk", daemon=True)
        try:
            self._open()
        except BaseException:
            self._resources.close()
            raise
        self._thread.start()

    def _open(self) -> None:
        options = walking(ProgramOptions(files=(_KEEPER,)))
        self._program = SamplingProgram(options)
        self._resources.callback(self._program.close)
        self._tables = unwinder.Unwinder(self._program, unwinder.default_cache_directory())
        self._resources.callback(self._tables.close)
        self._symbolizer.forget_kernel()
        following = self._symbolizer.following_mappings(online_cpus(), RUNTIME_FILES)
        self._mappings = self._resources.enter_context(following)
        self._table = FrameTable()
        context = Context(self._program, self._table, self._symbolizer.forget, self._symbolizer.files, may_ask=False)
        self._runtimes = Runtimes(context)
        self._resources.callback(self._runtimes.close)
        self._namer = EventNamer(_SPEC, self._symbolizer, self._table, self._runtimes)

    def maps(self) -> Mapping[str, int]:
        """What programs share."""
        return self._program.map_fds(SHARED_MAPS)

    def profile(self, records: Sequence[bytes], meta: ProfileMeta) -> tuple[list[int], Profile]:
        """Of stacks, each worth one; and the node of each."""
        with self._lock:
            book, once = StackBook(), np.ones(len(records), dtype=np.int64)
            sampled = [self._namer.named(event, book) for event in self._namer.decoded(records)]
            parts = ProfileParts(Rows(sampled, once, once, tuple(book.threads)), self._table)
            profile = parts.profile(meta, Quality(samples=len(records)), Times.none(), self._namer.labels(book))
            # Nobody holds a frame's number now.
            self._table.clear_if_large()
            self._namer.trim()
            return parts.node.tolist(), profile

    def close(self) -> None:
        self._ended.set()
        self._thread.join()
        with self._lock:
            self._resources.close()

    def _run(self) -> None:
        try:
            self._symbolizer.meet_running(all_pids())
            with self._lock:
                self._tables.start(())
                self._runtimes.adopt_all()
            self.ready = True
            while not self._ended.wait(BACKGROUND_LOOK_INTERVAL_S):
                with self._lock:
                    self._look()
        except Exception:
            # Stacks go on to be taken; those of programs that begin from now on end early, and say so.
            logger.exception("the tables that examples' stacks are walked by are kept up no more")

    def _look(self) -> None:
        self._tables.check()
        self._symbolizer.drain_mapping_events()
        self._runtimes.expect(self._mappings.take_newcomers() if self._mappings else ())
        self._runtimes.check()


class SharedWalk:
    """Opened by the first that joins, closed by the last that leaves. Thread-safe."""

    def __init__(self, symbolizer: Symbolizer) -> None:
        self._symbolizer = symbolizer
        self._lock = threading.Lock()
        self._users = 0
        self._walk: Walk | None = None

    @contextlib.contextmanager
    def joined(self) -> Iterator[Walk]:
        """Raises WebprofError or OSError."""
        with self._lock:
            walk = self._walk = self._walk or Walk(self._symbolizer)
            self._users += 1
        try:
            yield walk
        finally:
            with self._lock:
                self._users -= 1
                if not self._users:
                    self._walk = None
                    walk.close()


@functools.cache
def shared_walk() -> SharedWalk:
    """The agent's."""
    return SharedWalk(shared_symbolizer())
