"""Freed arrays leave the process, also after a larger one was freed before."""

import subprocess
import sys

CODE = """
import os
import numpy as np
from profiler.agent.malloc import LARGE_BYTES, return_large_blocks

def resident():
    return int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

return_large_blocks()
del (largest := [np.ones(24 << 20, dtype=np.uint8)])[:]  # glibc would raise its threshold to this
before = resident()
arrays = [np.ones(2 * LARGE_BYTES, dtype=np.uint8) for _ in range(64)]
keeper = np.ones(LARGE_BYTES // 2, dtype=np.uint8)  # holds the end of the heap
grown = resident() - before
del arrays
print(grown, resident() - before)
"""


def test_freed_arrays_go_back_to_the_kernel() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], check=True, capture_output=True, text=True)
    grown, left = map(int, done.stdout.split())
    assert grown > 30 << 20
    assert left < 4 << 20
