"""Plays the agent's part at the real Redis: heartbeats, live entries and results as docs/architecture.md has them."""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from profiler.core import batch, inventory
from profiler.core.builder import ProfileBuilder
from profiler.core.channel import (
    CONTINUOUS_STREAM,
    HOSTS_STREAM,
    PROFILES_STREAM,
    RUNS_STREAM,
    EntryKind,
    RunReport,
    RunState,
    heartbeat_key,
    live_key,
)
from profiler.core.continuous import CONTINUOUS, SOURCE
from profiler.core.frame import Frame, FrameKind, Thread
from profiler.core.ids import uuid7
from profiler.core.inventory import Agent, AgentState, Capability, Continuous, Flight, Inventory, Pressure, System
from profiler.core.profile import Profile, ProfileMeta

# At 100 Hz: what a sample of the double stands for.
PERIOD_NS = 10**7
SECOND_NS = 1_000_000_000
# Nobody repeats its heartbeat: on a busy machine it must outlive the test. `die` ends it.
LASTING_S = 3600
OFF, NONE = Flight(), Continuous()
START_NS = 1_763_800_000 * SECOND_NS


def host_inventory(
    host: str, *, can_record: bool = True, flight: Flight = OFF, continuous: Continuous = NONE
) -> Inventory:
    return Inventory(
        host=host,
        at_ns=START_NS,
        agent=Agent(
            version="0.1.0",
            pid=1,
            state=AgentState.IDLE,
            rss_bytes=1,
            cpu_percent=0.1,
            flight=flight,
            continuous=continuous,
        ),
        system=System(
            kernel="6.1.0",
            distribution="Debian GNU/Linux 12",
            architecture="x86_64",
            cpus=2,
            memory_total_bytes=2**34,
            memory_available_bytes=2**33,
            load=(0.5, 0.4, 0.3),
            cpu_percent=12.5,
            uptime_s=100.0,
            pressure=Pressure(),
        ),
        capabilities=(
            Capability(name="bpftrace", available=can_record, reason="" if can_record else "not allowed"),
            Capability(name="cpu", available=can_record, reason="" if can_record else "not root"),
        ),
        processes=(
            inventory.Process(
                pid=7, comm="python3", cmdline="python3 app.py", user="root", cpu_percent=99.5, rss_bytes=1
            ),
        ),
        containers=(
            inventory.Container(
                id="fedcba9876543210" * 4,
                name="shop/db",
                image="postgres:17",
                runtime="containerd",
                cgroup=f"/kubepods/{'fedcba9876543210' * 4}",
                cpu_percent=3,
                processes=2,
            ),
        ),
        units=(inventory.Unit(name="nginx.service", cgroup="/system.slice/nginx.service", cpu_percent=1, processes=3),),
    )


def cpu_profile(host: str, samples: int = 10, *, profile_id: str | None = None, start_s: int = 0) -> Profile:
    """`samples` of `main;work;sys_read` (kernel) and one of `main`."""
    made = profile_id if profile_id is not None else str(uuid7(time.time_ns() // 1_000_000, os.urandom(10)))
    meta = ProfileMeta(
        id=made,
        host=host,
        probe="cpu",
        start_ns=START_NS + start_s * SECOND_NS,
        duration_ns=SECOND_NS,
        period_ns=PERIOD_NS,
    )
    builder = ProfileBuilder(meta)
    frames = [Frame("main", module="app"), Frame("work", module="app"), Frame("sys_read", FrameKind.KERNEL, "[kernel]")]
    thread = builder.thread(Thread(7, 7, "app"))
    stack = [builder.frame(frame) for frame in frames]
    builder.add(builder.stack(stack), samples, thread)
    builder.add(builder.stack(stack[:1]), 1, thread)
    return builder.build()


@dataclass(frozen=True)
class AgentDouble:
    redis: Any  # a Redis; its replies are typed as unions that no test needs
    host: str = "web-1"

    def beat(
        self,
        *,
        can_record: bool = True,
        ttl_s: int = LASTING_S,
        flight: Flight = OFF,
        continuous: Continuous = NONE,
        probes: Sequence[Capability] = (),
    ) -> None:
        told = host_inventory(self.host, can_record=can_record, flight=flight, continuous=continuous)
        data = inventory.encode(told.model_copy(update={"probes": tuple(probes)}))
        self.redis.set(heartbeat_key(self.host), data, ex=ttl_s)
        self.redis.xadd(HOSTS_STREAM, {"host": self.host})

    def die(self) -> None:
        self.redis.delete(heartbeat_key(self.host))

    def profile(self, samples: int = 10, *, profile_id: str | None = None, start_s: int = 0) -> Profile:
        return cpu_profile(self.host, samples, profile_id=profile_id, start_s=start_s)

    def send_profile(self, run: object, profile: Profile) -> None:
        self.redis.xadd(PROFILES_STREAM, {"run": str(run), "data": batch.encode(profile)})

    def send_continuous(self, profile: Profile) -> None:
        """As continuous profiling does: of no run, with the label that says so."""
        meta = replace(profile.meta, labels={**profile.meta.labels, SOURCE: CONTINUOUS})
        self.redis.xadd(CONTINUOUS_STREAM, {"data": batch.encode(replace(profile, meta=meta))})

    def report(self, run: object, state: RunState, *, at_s: int = 0, **fields: object) -> RunReport:
        made = RunReport.model_validate(
            {"run": str(run), "host": self.host, "state": state, "at_ns": START_NS + at_s * SECOND_NS, **fields}
        )
        self.redis.xadd(RUNS_STREAM, {"data": made.model_dump_json()})
        return made

    def live(self, run: object, kind: EntryKind, profile: Profile) -> None:
        cap = {"maxlen": 1, "approximate": False} if kind == EntryKind.SNAPSHOT else {}
        self.redis.xadd(live_key(str(run)), {"kind": kind, "data": batch.encode(profile)}, **cap)

    def live_state(self, run: object, state: RunState, **fields: object) -> None:
        report = RunReport.model_validate({"run": str(run), "host": self.host, "state": state, "at_ns": 1, **fields})
        self.redis.xadd(live_key(str(run)), {"kind": EntryKind.STATE, "data": report.model_dump_json()})


def of_host(profile: Profile, host: str) -> Profile:
    """The same profile, claimed by another host."""
    return replace(profile, meta=replace(profile.meta, host=host))
