"""The flight recorder while processes come and go: what it costs, what it holds, and whether a freeze is right.

    sudo python -m bench.flight_storm [SECONDS] [--no-limits]

Starts a Redis and an agent of its own, switches the flight recorder on as it is by default, and prints CPU and memory
of the agent (as bench.agent_cost does): without the storm, and beside a shell that starts programs one after the other.
Then freezes, and prints the CPU time of the storm in the frozen profile beside what the kernel charged for it.

With its limits an agent on a busy machine, or one that meets all programs for the first time, lowers the rate or
pauses: that is printed, too. Without them it shows what it would take.
"""

import argparse
import tempfile
import time
from collections import Counter
from pathlib import Path

from bench.agent_cost import Meter, start_flight
from bench.as_installed import compiled_modules
from bench.process_storm import Storm, process_storm
from profiler.core.profile import Profile
from profiler.core.quality import Quality
from tests.agent.servers import Agent, RedisServer, Server, wait_for

QUIET_S = 20.0
SPARE_S = 5.0


NO_LIMITS = ("--cpu-limit", "0", "--memory-limit", "0")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seconds", type=float, nargs="?", default=60.0)
    parser.add_argument("--no-limits", action="store_true", help="no overhead budget")
    options = parser.parse_args()
    measure(options.seconds, NO_LIMITS if options.no_limits else ())


def measure(seconds: float, agent_options: tuple[str, ...]) -> None:
    with compiled_modules(), tempfile.TemporaryDirectory(prefix="webprof-") as name:
        redis = RedisServer(Path(name))
        redis.start()
        agent = Agent(redis, Path(name), options=agent_options)
        try:
            agent.start()
            start_flight(agent, Server(redis))
            wait(agent, QUIET_S, "flight recorder, no storm")
            began = time.monotonic()
            with process_storm() as storm:
                wait(agent, seconds, "flight recorder, storm")
                storm.end()
            print(held(agent))
            freeze(Server(redis), time.monotonic() - began + SPARE_S, storm)
            wait(agent, QUIET_S, "flight recorder, after it")
        finally:
            agent.kill_if_running()
            redis.stop()


def wait(agent: Agent, seconds: float, phase: str) -> None:
    meter = Meter(agent.process.pid)
    time.sleep(seconds)
    print(meter.line(phase))


def held(agent: Agent) -> str:
    beat = wait_for(agent.heartbeat, "a heartbeat")
    flight, budget = beat.agent.flight, beat.agent.budget
    return (
        f"  holds {flight.held_s:.0f} s in {flight.bytes / 1024:.0f} KiB, {flight.dropped} parts dropped, "
        f"a sample every {budget.factor if budget else 1} periods; problem: {flight.problem or 'none'}"
    )


def freeze(server: Server, seconds: float, storm: Storm) -> None:
    run = server.record(freeze_s=round(seconds))
    end = server.wait_for_end(run)
    for profile in server.profiles(run):
        report(profile, storm)
    if end.message:
        print(f"the agent says: {end.message}")


def report(profile: Profile, storm: Storm) -> None:
    own, pids = 0, set()
    for thread, value in zip(profile.thread.tolist(), profile.value.tolist(), strict=True):
        if profile.threads[thread].comm in storm.names:
            own += value
            pids.add(profile.threads[thread].pid)
    quality = profile.quality
    sampled_s = own * profile.meta.period_ns / 1e9
    print(f"frozen: {quality.samples} samples, {quality.lost_total} lost, {len(profile.times)} with their time")
    print(f"  of the storm {sampled_s:.2f} s of CPU, {len(pids)} processes; the kernel charged {storm.charged_s:.2f} s")
    # A lowered rate makes samples fewer and heavier.
    weight = (quality.samples + quality.thinned) / max(1, quality.samples)
    print(f"  chance alone is ± {(own * weight) ** 0.5 * profile.meta.period_ns / 1e9:.2f} s (one standard error)")
    print(f"  {whole_share(quality):.1f} % of the stacks of all programs are whole")


def whole_share(quality: Quality) -> float:
    outcomes = Counter(quality.outcomes)
    return 100 * outcomes["end"] / max(1, outcomes.total() - outcomes["kernel only"])


if __name__ == "__main__":
    main()
