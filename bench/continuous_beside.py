"""What continuous profiling misses while somebody records: it rests meanwhile, and the recording has those samples.

Usage: WEBPROF_DATA=EMPTY_DIRECTORY python -m bench.continuous_beside [SECONDS]
Needs root. Profiles the host continuously, records all of it for SECONDS (default 10) as the agent does, and goes on.
Prints how long the gap between the continuous profiles is, and how much of it is in neither.
"""

import itertools
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webprof.settings")
django.setup()

from django.conf import settings  # noqa: E402

from bench.offline_day import HOST, LOAD, taken  # noqa: E402
from profiler.agent.continuous import ContinuousProfiler, Policy  # noqa: E402
from profiler.agent.cost.budget import Budget  # noqa: E402
from profiler.agent.cost.governor import Governor  # noqa: E402
from profiler.agent.delivery.spool import CONTINUOUS, Spool  # noqa: E402
from profiler.agent.flight import FlightRecorder  # noqa: E402
from profiler.agent.sampling.recording import Recording  # noqa: E402
from profiler.core.continuous import ContinuousSettings  # noqa: E402
from profiler.core.profile import Profile, ProfileMeta  # noqa: E402
from profiler.core.spec import RecordingSpec  # noqa: E402

NS_PER_S = 1e9


def main(seconds: float) -> None:
    directory = Path(settings.DATA_DIR)
    spool = Spool(directory / "continuous", CONTINUOUS)
    flight = FlightRecorder(HOST, directory)
    profiler = ContinuousProfiler(HOST, directory, spool, flight, Governor(Budget(None, None)), Policy())
    profiler.configure(ContinuousSettings(on=True))
    with subprocess.Popen([sys.executable, "-c", LOAD]) as load:
        profiler.start()
        wait_for(lambda: len(spool) > 1)
        between = recorded(seconds, profiler)
        there = len(spool)
        wait_for(lambda: len(spool) > there + 1)
        load.kill()
    missed_s = profiler.state().missed_s
    profiler.stop(30)
    told(taken(spool), between, missed_s)


def recorded(seconds: float, profiler: ContinuousProfiler) -> Profile:
    recording = Recording(RecordingSpec(duration_s=seconds), ProfileMeta(host=HOST, probe="cpu"))
    recording.prepare()
    with profiler.resting():
        recording.start()
        time.sleep(seconds)
        recording.halt()
    return recording.stop()


def told(profiles: list[Profile], between: Profile, missed_s: float) -> None:
    edges = [
        (one.meta.start_ns + one.meta.duration_ns, after.meta.start_ns) for one, after in itertools.pairwise(profiles)
    ]
    begin, end = max(edges, key=lambda edge: edge[1] - edge[0])
    started, took = between.meta.start_ns, between.meta.duration_ns
    gap_s, recorded_s = (end - begin) / NS_PER_S, took / NS_PER_S
    print(f"load {os.getloadavg()[0]:.1f}: the gap is {gap_s:.2f} s, {recorded_s:.2f} s of it recorded")
    before, after = (started - begin) / NS_PER_S, (end - started - took) / NS_PER_S
    print(f"in neither: {before:.2f} s before the recording and {after:.2f} s after it; missed, as told: {missed_s} s")


def wait_for(come: Callable[[], bool]) -> None:
    while not come():
        time.sleep(0.2)


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 10)
