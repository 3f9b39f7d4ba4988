"""Time on a CPU, measured exactly by thread, shared out to what samples saw it do."""

from collections import defaultdict

import numpy as np
import numpy.typing as npt

from profiler.agent.sampling.sampled_profile import Rows
from profiler.agent.sampling.wait_names import WaitState
from profiler.core.profile import Int64s
from profiler.core.service_quality import share_out


def shared_by_samples(rows: Rows, state: npt.NDArray[np.unsignedinteger]) -> Rows:
    """`state` of each row. The same total for each thread; where it was sampled none is left between samples.

    Short turns on a CPU end in a switch more often than in a sample, so what a thread did just before a switch says
    little about its time: samples, which come whatever it does, tell where all of it went.
    """
    running = np.isin(state, (WaitState.ON_CPU, WaitState.ON_CPU_REST))
    by_thread: dict[int, list[int]] = defaultdict(list)
    for row in np.flatnonzero(running).tolist():
        by_thread[rows.sampled[row].thread].append(row)
    value = rows.value.copy()
    for places in by_thread.values():
        _share(value, places, rows.events, state == WaitState.ON_CPU)
    return Rows(rows.sampled, value, rows.events, rows.threads)


def _share(value: Int64s, places: list[int], events: Int64s, is_sampled: npt.NDArray[np.bool_]) -> None:
    sampled = [row for row in places if is_sampled[row]]
    if not sampled:
        return
    total = int(value[places].sum())
    value[places] = 0
    value[sampled] = share_out(total, events[sampled].tolist())
