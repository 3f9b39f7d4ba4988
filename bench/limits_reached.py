"""Are the default limits of an agent (1 % of a CPU per busy CPU, 150 MiB) reached in ordinary recordings?

    sudo python -m bench.limits_reached [SECONDS] [LOAD …]      (default: 40 s each beside loads of 0.4 and 1)

Starts a Redis and an agent of its own with its default limits and nothing cached, and records the whole system at 99 Hz
beside steady_load.py, for each load first cold, then again. Prints what the budget did, and what a person is told.
"""

import sys
import tempfile
import time
from pathlib import Path

from bench.as_installed import compiled_modules
from bench.steady_load import steady_load
from profiler.core.channel import RunState
from profiler.core.report import report
from tests.agent.servers import Agent, RedisServer, Server, wait_for

LOOK_S = 1.0
# On a machine on which much else runs.
START_S = 300.0


def main(seconds: float, loads: list[float]) -> None:
    with compiled_modules(), tempfile.TemporaryDirectory(prefix="webprof-") as name:
        redis = RedisServer(Path(name))
        redis.start()
        agent = Agent(redis, Path(name))
        try:
            agent.spawn()
            wait_for(agent.alive, "the agent's heartbeat", START_S)
            for load in loads:
                with steady_load(load):
                    for phase in ("first", "again"):
                        print(f"load {load:g}, {phase}: {recorded(agent, Server(redis), seconds)}", flush=True)
        finally:
            agent.kill_if_running()
            redis.stop()


def recorded(agent: Agent, server: Server, seconds: float) -> str:
    run = server.record(duration_s=seconds, frequency=99)
    server.wait_for_state(run, RunState.RECORDING)
    factors, used, resident = [1], [0.0], [0]
    end = time.monotonic() + seconds
    while time.monotonic() < end and server.states(run)[-1] is RunState.RECORDING:
        time.sleep(LOOK_S)
        beat = agent.heartbeat()
        if beat and beat.agent.budget:
            factors.append(beat.agent.budget.factor)
            used.append(beat.agent.budget.used_percent)
            resident.append(beat.agent.rss_bytes)
    ended = server.wait_for_end(run)
    (profile,) = server.profiles(run)
    told = report(profile.quality, profile.meta)
    return (
        f"{ended.samples} samples in {ended.elapsed_s:.0f} s, {told.whole} whole; rate at least 1/{max(factors)}, "
        f"{profile.quality.thinned} samples not taken; at most {max(used):.1f} % of a CPU charged, "
        f"{max(resident) / 2**20:.0f} MiB; cost {100 * told.cost.cpu_share:.1f} % of a CPU"
        f"\n  a person is told: {ended.message or 'nothing'}"
    )


if __name__ == "__main__":
    given = [float(text) for text in sys.argv[1:]]
    main(given[0] if given else 40, given[1:] or [0.4, 1.0])
