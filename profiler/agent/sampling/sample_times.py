"""When and on which CPU samples were taken: from the records of the ring to a profile's times."""

from typing import Any

import numpy as np
import numpy.typing as npt

from profiler.agent.kernel.bpf_syscall import UInt64s
from profiler.agent.sampling.events import CPU_BITS, SAMPLE_TIME, TIME_SHIFT
from profiler.core.profile import Int32s
from profiler.core.times import TimesBuilder

Records = npt.NDArray[np.void]


class SampleTimes:
    """Those of one epoch, whose samples were taken at `began_ns` (monotonic clock) or later."""

    def __init__(self) -> None:
        self._parts: list[Records] = []
        self.began_ns = 0

    def add(self, records: Records) -> None:
        if len(records):
            self._parts.append(records)

    def tell(self, times: TimesBuilder, hashes: UInt64s, node: Int32s, thread: Int32s, unix_offset_ns: int) -> int:
        """Give them to the builder; `node` and `thread` are those of each hash, `unix_offset_ns` is what Unix time is
        ahead of the monotonic clock. Returns how many are left: held back in the ring when their epoch was read, they
        are of one that is over.
        """
        records: npt.NDArray[Any] = np.concatenate(self._parts) if self._parts else np.zeros(0, SAMPLE_TIME)
        order = np.argsort(hashes)
        place = np.searchsorted(hashes, records["key"], sorter=order)
        unit, cpu = records["when"] >> CPU_BITS, records["when"] & (1 << CPU_BITS) - 1
        # What began within a unit has its first samples in the same one.
        ours = (unit >= self.began_ns >> TIME_SHIFT) & (place < len(hashes))
        records, place, unit, cpu = records[ours], order[place[ours]], unit[ours], cpu[ours]
        counted = hashes[place] == records["key"]
        place = place[counted]
        unix_ns = (unit[counted].astype(np.int64) << TIME_SHIFT) + unix_offset_ns
        times.add(node[place], thread[place], unix_ns, cpu[counted].astype(np.int64))
        return len(ours) - len(place)
