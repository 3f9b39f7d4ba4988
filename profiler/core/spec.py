"""What to record. One definition for the job form, the API, the task message and the command line."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr, StringConstraints, model_validator

from profiler.core.flight import MAX_MINUTES

# perf_event's own ceiling is higher; above this a whole-system walk costs more than it tells.
MAX_FREQUENCY_HZ = 999
DEFAULT_FREQUENCY_HZ = 99
# cpu-clock periods are nanoseconds: 1/MAX_FREQUENCY_HZ s to 1,000 s.
MIN_COUNT = 1_001_001
MAX_COUNT = 10**12
# An on-demand recording; longer ones are schedules or continuous profiling.
MAX_DURATION_S = 3600
DEFAULT_DURATION_S = 10
# The BPF program tests membership in a hash map of this size.
MAX_TARGETS = 1024
PID_MAX = 2**22  # PID_MAX_LIMIT of 64-bit Linux

Pid = Annotated[int, Field(ge=1, le=PID_MAX)]
Comm = Annotated[str, StringConstraints(min_length=1, max_length=15)]  # TASK_COMM_LEN - 1
Cgroup = Annotated[str, StringConstraints(pattern=r"^/[^\x00]{0,1023}$")]
# An id, at least twelve digits of one, or a name, `pod/container` in Kubernetes. Only compared with those of the host.
Container = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x20\x7f][^\x00-\x1f\x7f]{0,255}$")]
# The characters of systemd.unit(5).
Unit = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9:_.\\@-]{1,255}$")]
# A probe by its name; whether there is one is the registry's to say (profiler/probes/stacks.py).
ProbeName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
# What a probe's parameters may be at most: an attach point with a path, and more parameters than any has.
ParameterName = Annotated[str, StringConstraints(max_length=40)]
ParameterValue = StrictBool | StrictInt | StrictStr
MAX_PARAMETER_LENGTH = 4096
MAX_PARAMETERS = 32
MAX_FREEZE_S = 60 * MAX_MINUTES
_GROUPS = ("cgroup", "container", "unit")
# The one probe that looks every so often; all others are told of each event, and these options mean nothing to them.
CPU_PROBE = "cpu"
OF_SAMPLING = ("frequency", "count", "include_idle", "freeze_s")


class RecordingSpec(BaseModel):
    """What to record: a probe with its parameters, and of whom. The options of BCC's `profile`, and more targets.

    `probe` is `cpu` or one of `GET /probes`, whose parameters `parameters` are for; those left out have their defaults.

    `frequency` (Hz) and `count` (nanoseconds of CPU time between samples) exclude each other;
    with neither, DEFAULT_FREQUENCY_HZ. Targets of different sorts are joined by *and*, those of one sort by *or*;
    cgroup, container and unit all name one control group and exclude each other. Ids are the host's.

    `children`: also the processes that targets have started, and those these have started, before or while recording,
    whatever the other restrictions but `cpu` say of them.

    `freeze_s`: records nothing, but takes the last seconds that the host's flight recorder holds; alone.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    probe: ProbeName = CPU_PROBE
    parameters: Annotated[dict[ParameterName, ParameterValue], Field(max_length=MAX_PARAMETERS)] = {}
    duration_s: Annotated[float, Field(ge=0.1, le=MAX_DURATION_S)] = DEFAULT_DURATION_S
    frequency: Annotated[int, Field(ge=1, le=MAX_FREQUENCY_HZ)] | None = None
    count: Annotated[int, Field(ge=MIN_COUNT, le=MAX_COUNT)] | None = None
    pids: Annotated[tuple[Pid, ...], Field(max_length=MAX_TARGETS)] = ()
    tids: Annotated[tuple[Pid, ...], Field(max_length=MAX_TARGETS)] = ()
    comm: Comm | None = None
    cgroup: Cgroup | None = None
    container: Container | None = None
    unit: Unit | None = None
    children: bool = False
    cpu: Annotated[int, Field(ge=0, le=4095)] | None = None
    user_only: bool = False
    kernel_only: bool = False
    include_idle: bool = False
    delimiter: bool = False
    annotations: bool = False
    freeze_s: Annotated[float, Field(gt=0, le=MAX_FREEZE_S)] | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if any(isinstance(text, str) and len(text) > MAX_PARAMETER_LENGTH for text in self.parameters.values()):
            raise ValueError(f"parameters: a text is longer than {MAX_PARAMETER_LENGTH} characters")
        if self.frequency is not None and self.count is not None:
            raise ValueError("frequency and count exclude each other: give one")
        if self.user_only and self.kernel_only:
            raise ValueError("user_only and kernel_only exclude each other: give one")
        groups = [name for name in _GROUPS if getattr(self, name) is not None]
        if len(groups) > 1:
            raise ValueError(f"{' and '.join(groups)} exclude each other: give one")
        if self.children and not (self.pids or self.tids or self.comm or groups):
            raise ValueError("children needs a target: pids, tids, comm, cgroup, container or unit")
        asked = {name for name, field in type(self).model_fields.items() if getattr(self, name) != field.default}
        if not self.is_sampled and (others := [name for name in OF_SAMPLING if name in asked]):
            raise ValueError(
                f"{others[0]} is about sampling CPUs: probe {self.probe} is told of every event, leave {others[0]} out"
            )
        if self.freeze_s is not None and (others := sorted(asked - {"freeze_s"})):
            raise ValueError(f"freeze_s takes what was sampled already and excludes {', '.join(others)}")
        return self

    @property
    def is_sampled(self) -> bool:
        """Whether values are samples of a period; else they are sums of what events say."""
        return self.probe == CPU_PROBE

    @property
    def period_ns(self) -> int:
        """CPU time that one sample stands for; 0 where there are none."""
        if not self.is_sampled:
            return 0
        if self.count is not None:
            return self.count
        return round(1e9 / (self.frequency or DEFAULT_FREQUENCY_HZ))
