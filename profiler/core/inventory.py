"""What a host says of itself in each heartbeat: written by the agent, checked by the server before it is believed."""

from enum import StrEnum
from typing import Annotated

import msgpack
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from profiler.core.channel import HostId, RunId
from profiler.core.continuous import ContinuousSettings
from profiler.core.errors import WebprofError

# The hosts page and the target picker show the busiest; a host with 30,000 processes must not make heavy heartbeats.
MAX_PROCESSES = 200
MAX_CONTAINERS = 200
MAX_UNITS = 200
MAX_CAPABILITIES = 32
# Four times as many probes as there are.
MAX_PROBES = 256
# Four times as many kinds of data as columns can show.
MAX_HIDDEN = 64
# Enough to tell two Java servers apart.
MAX_CMDLINE = 256
# 200 processes with the longest strings are 0.5 MB; four times that is somebody else's message.
MAX_INVENTORY_BYTES = 2 * 2**20

Name = Annotated[str, StringConstraints(max_length=128)]
Prose = Annotated[str, StringConstraints(max_length=1000)]
CgroupPath = Annotated[str, StringConstraints(max_length=1024)]
Size = Annotated[int, Field(ge=0, lt=2**63)]
Percent = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class InventoryError(WebprofError):
    """A heartbeat is damaged or over a bound. Names the field."""


class _Record(BaseModel):
    # Unknown fields are dropped, not refused: an agent may be newer than the server that reads it.
    model_config = ConfigDict(extra="ignore", frozen=True)


class AgentState(StrEnum):
    IDLE = "idle"
    RECORDING = "recording"


class OverheadBudget(_Record):
    """What the agent may take, and what it does to keep that. Percentages are of one CPU; None is no limit.

    `cpu_percent` is per busy CPU of the host; `used_percent` while it recorded, averaged over seconds. A sample is
    taken every `factor` periods that were asked for; `note` says why when that is not 1, or why a recording ended.
    """

    cpu_percent: Percent | None = None
    memory_bytes: Size | None = None
    used_percent: Percent = 0.0
    factor: Annotated[int, Field(ge=1)] = 1
    note: Prose = ""


class Flight(_Record):
    """The flight recorder: how it is set, and what it holds. `dropped`: parts given up early for want of memory.

    `problem`: why it does not record, although it is on; empty when it does.
    """

    on: bool = False
    minutes: Size = 0
    frequency: Size = 0
    held_s: Percent = 0
    bytes: Size = 0
    dropped: Size = 0
    problem: Prose = ""


class Continuous(_Record):
    """Continuous profiling: what the server asked for, and what became of it.

    `frequency` is what the agent allows of what was asked; `profiles` were made since it started, the last one ended at
    `last_end_ns` (Unix time); `missed_s` is how long it has not sampled although it was to; `problem` says why it does
    not, or not as asked. `labels`, `max_frequency` and the `variables` that it may read are the agent's own; `spooled`
    profiles wait for the server.
    """

    on: bool = False
    asked: ContinuousSettings = ContinuousSettings()
    frequency: Size = 0
    sampling: bool = False
    profiles: Size = 0
    last_end_ns: Size = 0
    missed_s: Percent = 0
    problem: Prose = ""
    max_frequency: Size = 0
    labels: dict[str, str] = {}
    variables: tuple[str, ...] = ()
    spooled: Size = 0
    spooled_bytes: Size = 0
    dropped: Size = 0


class Agent(_Record):
    """The agent itself. `cpu_percent` is of one CPU, over the last heartbeat interval.

    `spooled`: results waiting for Redis to come back; `dropped`: those given up because the spool was full.
    """

    version: Name
    pid: Size
    state: AgentState
    run: RunId | None = None
    rss_bytes: Size
    cpu_percent: Percent
    spooled: Size = 0
    dropped: Size = 0
    budget: OverheadBudget | None = None
    flight: Flight = Flight()
    continuous: Continuous = Continuous()


class Pressure(_Record):
    """PSI `some avg10`: percent of the last 10 s in which some task waited. None where the kernel has no PSI."""

    cpu: Percent | None = None
    io: Percent | None = None
    memory: Percent | None = None


class System(_Record):
    """The machine. `cpu_percent` is of all CPUs together, 0 to 100, over the last heartbeat interval."""

    kernel: Name
    distribution: Name
    architecture: Name
    cpus: Annotated[int, Field(ge=1, le=2**16)]
    memory_total_bytes: Size
    memory_available_bytes: Size
    load: tuple[Percent, Percent, Percent]
    cpu_percent: Percent
    uptime_s: Percent
    pressure: Pressure


class Capability(_Record):
    """Something the agent can or can't do here; when it can't: why, and what would change that.

    `how`: which of several ways it is done, and why not a better one.
    """

    name: Name
    available: bool
    reason: Prose = ""
    fix: Prose = ""
    how: Prose = ""


class Process(_Record):
    """`cpu_percent` is of one CPU (400 = four CPUs busy) since the heartbeat before. `cmdline` is empty for a kernel
    thread, `container` for a process outside of one, else its name or the beginning of its id; `cgroup` is what
    RecordingSpec.cgroup takes. `kernel`: the kernel's own thread. `variables`: what service rules look at. `cmdline` is
    empty too where the host hides it.
    """

    pid: Size
    comm: Name
    cmdline: Annotated[str, StringConstraints(max_length=MAX_CMDLINE)]
    user: Name
    cpu_percent: Percent
    rss_bytes: Size
    cgroup: CgroupPath = ""
    container: Name = ""
    kernel: bool = False
    variables: dict[str, str] = {}


class Container(_Record):
    """`runtime` is `docker`, `containerd`, `podman`, `cri-o`, …; `name` and `image` are empty when no file tells."""

    id: Name
    name: Name = ""
    image: Annotated[str, StringConstraints(max_length=512)] = ""
    runtime: Name = ""
    cgroup: CgroupPath = ""
    cpu_percent: Percent
    processes: Size


class Unit(_Record):
    """A systemd unit with processes."""

    name: Name
    cgroup: CgroupPath
    cpu_percent: Percent
    processes: Size


class Inventory(_Record):
    """One heartbeat. `at_ns` is the host's wall clock (Unix ns). Lists hold the busiest by CPU; counts are of all.

    `probes`: whether each probe that the agent has runs here; `cpu` is among the capabilities. `hides`: what the host's
    policy keeps there, in the words of `core.probe.Shows`: columns of these are in none of its feeds.
    """

    host: HostId
    at_ns: Size
    agent: Agent
    system: System
    capabilities: Annotated[tuple[Capability, ...], Field(max_length=MAX_CAPABILITIES)] = ()
    probes: Annotated[tuple[Capability, ...], Field(max_length=MAX_PROBES)] = ()
    hides: Annotated[tuple[Name, ...], Field(max_length=MAX_HIDDEN)] = ()
    process_count: Size = 0
    processes: Annotated[tuple[Process, ...], Field(max_length=MAX_PROCESSES)] = ()
    containers: Annotated[tuple[Container, ...], Field(max_length=MAX_CONTAINERS)] = ()
    units: Annotated[tuple[Unit, ...], Field(max_length=MAX_UNITS)] = ()


def encode(inventory: Inventory) -> bytes:
    """MessagePack of the model's fields."""
    packed: bytes = msgpack.packb(inventory.model_dump(mode="json"), unicode_errors="replace")
    return packed


def decode(data: bytes) -> Inventory:
    """The inventory, checked. Raises InventoryError that names the field or the bound."""
    if len(data) > MAX_INVENTORY_BYTES:
        raise InventoryError(f"heartbeat of {len(data)} bytes is over MAX_INVENTORY_BYTES ({MAX_INVENTORY_BYTES})")
    try:
        return Inventory.model_validate(msgpack.unpackb(data))
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        raise InventoryError(f"heartbeat field {'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    except (msgpack.UnpackException, ValueError) as error:
        raise InventoryError(f"heartbeat is damaged: {error}") from error
