"""Freed arrays leave the process, also after a larger one was freed before."""

import subprocess
import sys

CODE = """
import os
import numpy as np
from profiler.agent.cost.malloc import LARGE_BYTES, return_freed_memory

def resident():
    return int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

return_freed_memory()
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


THREADS = """
import re, sys, threading
from pathlib import Path
from profiler.agent.cost.malloc import return_freed_memory

def heaps():
    # What a thread's own heap looks like: memory that begins at a multiple of 64 MiB.
    starts = re.findall(r"^([0-9a-f]+)-", Path("/proc/self/maps").read_text(), re.M)
    return sum(int(start, 16) % (64 << 20) == 0 for start in starts)

if sys.argv[1] == "shared":
    return_freed_memory()
gate = threading.Barrier(9)
def work():
    block = bytes(100_000)
    gate.wait()
    gate.wait()
threads = [threading.Thread(target=work) for _ in range(8)]
before = heaps()
[thread.start() for thread in threads]
gate.wait()
print(heaps() - before)
gate.wait()
"""


def test_threads_share_one_heap() -> None:
    made = {}
    for how in ("own", "shared"):
        done = subprocess.run([sys.executable, "-c", THREADS, how], check=True, capture_output=True, text=True)
        made[how] = int(done.stdout)
    assert made["own"] > 0
    assert made["shared"] == 0


KEPT = """
import gc
from profiler.agent.cost.malloc import give_back_memory, keep_what_is_loaded

loaded = [[] for _ in range(100_000)]
keep_what_is_loaded()
print(gc.get_freeze_count(), len(gc.get_objects()))
class Node: pass
node = Node()
node.self = node
alive = __import__("weakref").ref(node)
del node
give_back_memory()
print(alive())
"""


def test_the_collector_passes_over_what_was_loaded_and_still_collects_the_rest() -> None:
    done = subprocess.run([sys.executable, "-c", KEPT], check=True, capture_output=True, text=True)
    frozen, seen, alive = done.stdout.split()
    assert int(frozen) > 100_000
    assert int(seen) < 1000
    assert alive == "None"
