"""Memory that a program allocated while it was recorded and has not freed: counted when the recording ends."""

import numpy as np

from profiler.agent.kernel import bpf_syscall
from profiler.agent.kernel.program import SamplingProgram
from profiler.agent.kernel.value_counts import KEY, SUM
from profiler.agent.sampling.program_stacks import KEPT
from profiler.agent.sampling.value_options import KEPT_ENTRIES
from profiler.core.spec import RecordingSpec
from profiler.probes.stacks import parameters_of

_MAP = "kept"


class KeptMemory:
    """Of one recording of allocations. Not thread-safe; the recording holds a lock."""

    def __init__(self, program: SamplingProgram) -> None:
        self._program = program

    def close(self, epoch: int) -> int:
        """Add it to the sums of an epoch, and forget it; how many pieces there were. Nothing may be counting any more.

        Raises OSError.
        """
        kept_fd, sums_fd = self._program.map_fd(_MAP), self._program.map_fd("counts")
        addresses, kept = np.zeros(KEPT_ENTRIES, dtype=np.uint64), np.zeros(KEPT_ENTRIES, dtype=KEPT)
        found = bpf_syscall.map_lookup_batch(kept_fd, addresses, kept)
        bpf_syscall.map_delete_batch(kept_fd, addresses[:found])
        stacks, place = np.unique(kept["stack"][:found], return_inverse=True)
        value = np.zeros(len(stacks), dtype=np.uint64)
        np.add.at(value, place, kept["bytes"][:found])
        events = np.bincount(place, minlength=len(stacks))
        for stack, total, count in zip(stacks.tolist(), value.tolist(), events.tolist(), strict=True):
            key, added = np.array([(stack | epoch, 0)], dtype=KEY), np.array([(total, count)], dtype=SUM)
            bpf_syscall.map_update(sums_fd, key, added)
        return found


def kept_memory(program: SamplingProgram, spec: RecordingSpec) -> KeptMemory | None:
    """None where nothing is kept."""
    return KeptMemory(program) if parameters_of(spec).get(_MAP) else None
