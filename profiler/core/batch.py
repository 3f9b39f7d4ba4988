"""A profile as bytes: what agents send, what the database keeps. `decode` is the trust boundary.

Layout: zstd(MessagePack map). Columns are little-endian bytes; frames and threads are lists of rows. Times are the
differences of their ticks, rows, and numbers of CPUs plus one (0: not known), each as planes of bytes, the lowest
first, without upper ones that are all zero: compressed, they take two to three bytes a sample.
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any, Literal

import msgpack
import numpy as np
import numpy.typing as npt
import zstandard
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from profiler.core.errors import BatchError, ProfileError
from profiler.core.frame import Frame, FrameKind, Thread
from profiler.core.groups import CgroupLabels, ProcessLabels
from profiler.core.planes import from_planes, to_planes
from profiler.core.profile import Profile, ProfileMeta, Stacks
from profiler.core.quality import MAX_COUNTS, MAX_LABEL, MAX_MODULES, Quality
from profiler.core.times import MAX_CPUS, MAX_TIMES, NO_CPU, RESOLUTION_NS, Int16s, Times, no_cpus

SCHEMA = 1
# A whole-system minute at 99 Hz on 128 CPUs is 0.76 M samples; a pathological one has as many stacks of 127 frames,
# mostly shared. Bounds are several times that, and small enough that decoding one batch can't exhaust a worker.
MAX_COMPRESSED_BYTES = 64 * 2**20
MAX_BYTES = 512 * 2**20
MAX_FRAMES = 2_000_000
MAX_THREADS = 1_000_000
MAX_NODES = 20_000_000
MAX_SAMPLES = 20_000_000
MAX_NAME = 16_384  # C++ templates are long, but not longer
MAX_LABELS = 64
# Control groups with a container or a unit. The kernel's own limit is 65,535 alive at once.
MAX_CGROUPS = 100_000
MAX_CGROUP = 4096  # PATH_MAX
ZSTD_LEVEL = 3

Text = Annotated[str, StringConstraints(max_length=MAX_NAME)]
Label = Annotated[str, StringConstraints(max_length=MAX_LABEL)]
Count = Annotated[int, Field(ge=0, lt=2**63)]
Counts = Annotated[dict[Label, Count], Field(max_length=MAX_COUNTS)]
FrameRow = tuple[
    Text,
    Annotated[int, Field(ge=0, le=max(FrameKind))],
    Text,
    Label,
    Annotated[int, Field(ge=0, lt=2**64)],
    Text,
    Annotated[int, Field(ge=0, lt=2**32)],
]
CgroupPath = Annotated[str, StringConstraints(max_length=MAX_CGROUP)]
ThreadRow = tuple[Count, Count, Label, CgroupPath]
# Pid, name, whether the kernel's own, variables: as many of them as anybody can ask for (core/continuous.py).
MAX_VARIABLE = 256
VariableRow = tuple[Label, Annotated[str, StringConstraints(max_length=MAX_VARIABLE)]]
ProcessRow = tuple[Count, Label, bool, Annotated[tuple[VariableRow, ...], Field(max_length=16)]]
# Container, name, image, runtime, unit. An image's name is a registry's, a path, a tag and a digest.
CgroupRow = tuple[Label, Label, Annotated[str, StringConstraints(max_length=512)], Label, Label]


class _Meta(BaseModel):
    model_config = ConfigDict(extra="forbid")
    kind: Label
    unit: Label
    id: Label
    host: Label
    probe: Label
    start_ns: Count
    duration_ns: Count
    period_ns: Count
    labels: Annotated[dict[Label, Text], Field(max_length=MAX_LABELS)]


class _ModuleFacts(BaseModel):
    model_config = ConfigDict(extra="forbid")
    module: Label
    build_id: Label
    package: Label
    packager: Label


class _Quality(BaseModel):
    model_config = ConfigDict(extra="forbid")
    samples: Count
    lost: Counts
    outcomes: Counts
    unknown: Counts
    skipped: Counts
    agent_cpu_ns: Count
    bpf_ns: Count
    # Batches of before these were counted are still in databases.
    runtimes: Counts = Field(default_factory=dict)
    hints: Counts = Field(default_factory=dict)
    thinned: Count = 0
    agent_rss_bytes: Count = 0
    modules: Annotated[tuple[_ModuleFacts, ...], Field(max_length=MAX_MODULES)] = ()

    def build(self) -> Quality:
        return Quality.from_dict(self.model_dump())


# A century: what is longer would not fit its column.
MAX_TIME_NS = 100 * 365 * 86_400 * 10**9
Plane = Annotated[bytes, Field(max_length=MAX_TIMES)]


class _Times(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    unit_ns: Annotated[int, Field(ge=1, le=10**9)]
    # Of the first sample, after the profile's start, or before it.
    first_ns: Annotated[int, Field(ge=-MAX_TIME_NS, le=MAX_TIME_NS)]
    step: Annotated[tuple[Plane, ...], Field(max_length=7)]
    row: Annotated[tuple[Plane, ...], Field(max_length=4)]
    # Batches of before CPUs were kept.
    cpu: Annotated[tuple[Plane, ...], Field(max_length=2)] = ()


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    schema_: Literal[1] = Field(alias="schema")
    meta: _Meta
    quality: _Quality
    frames: Annotated[tuple[FrameRow, ...], Field(max_length=MAX_FRAMES)]
    threads: Annotated[tuple[ThreadRow, ...], Field(max_length=MAX_THREADS)]
    stack_parent: Annotated[bytes, Field(max_length=4 * MAX_NODES)]
    stack_frame: Annotated[bytes, Field(max_length=4 * MAX_NODES)]
    node: Annotated[bytes, Field(max_length=4 * MAX_SAMPLES)]
    thread: Annotated[bytes, Field(max_length=4 * MAX_SAMPLES)]
    value: Annotated[bytes, Field(max_length=8 * MAX_SAMPLES)]
    # Older batches have no labels: their paths speak for themselves.
    cgroups: Annotated[dict[CgroupPath, CgroupRow], Field(max_length=MAX_CGROUPS)] = Field(default_factory=dict)
    # Batches of before processes were asked have threads alone.
    processes: Annotated[tuple[ProcessRow, ...], Field(max_length=MAX_THREADS)] = ()
    # Batches of before times were kept are still in databases.
    times: _Times | None = None


def encode(profile: Profile) -> bytes:
    return zstandard.ZstdCompressor(level=ZSTD_LEVEL).compress(packed(profile))


def packed(profile: Profile) -> bytes:
    """The same without compression, as part of something that is compressed."""
    message = {
        "schema": SCHEMA,
        "meta": asdict(profile.meta),
        "quality": profile.quality.bounded().to_dict(),
        "frames": [(f.name[:MAX_NAME], int(f.kind), *f[2:]) for f in profile.frames],
        "threads": [tuple(t) for t in profile.threads],
        "stack_parent": profile.stacks.parent.astype("<i4").tobytes(),
        "stack_frame": profile.stacks.frame.astype("<i4").tobytes(),
        "node": profile.node.astype("<i4").tobytes(),
        "thread": profile.thread.astype("<i4").tobytes(),
        "value": profile.value.astype("<i8").tobytes(),
        "cgroups": {path: tuple(labels) for path, labels in profile.cgroups.items()},
    }
    if profile.processes:
        message["processes"] = [(pid, *labels) for pid, labels in profile.processes.items()]
    if len(profile.times):
        message["times"] = _times_message(profile.times)
    data: bytes = msgpack.packb(message, unicode_errors="replace")
    return data


class _Kinds(dict[int, FrameKind]):
    """By number: calling FrameKind for each frame of a profile takes as long as all else of it."""

    def __missing__(self, number: int) -> FrameKind:
        return FrameKind(number)


_KINDS = _Kinds((kind.value, kind) for kind in FrameKind)


def decode(data: bytes) -> Profile:
    """The profile, checked. Raises BatchError that names what was damaged or which bound was passed."""
    return unpacked(_decompressed(data))


def unpacked(data: bytes) -> Profile:
    """Of what `packed` made. Who got it bounds its length. Raises BatchError."""
    try:
        message = _Message.model_validate(_map(data))
        stacks = Stacks(_column(message.stack_parent, "<i4"), _column(message.stack_frame, "<i4"))
        return Profile(
            meta=ProfileMeta(**message.meta.model_dump()),
            frames=[Frame(row[0], _KINDS[row[1]], *row[2:]) for row in message.frames],
            stacks=stacks,
            threads=[Thread(*row) for row in message.threads],
            node=_column(message.node, "<i4"),
            thread=_column(message.thread, "<i4"),
            value=_column(message.value, "<i8"),
            quality=message.quality.build(),
            cgroups={path: CgroupLabels(*row) for path, row in message.cgroups.items()},
            times=_times(message.times),
            processes={row[0]: ProcessLabels(*row[1:]) for row in message.processes},
        ).check()
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise BatchError(f"batch field {place}: {first['msg']}") from error
    except (ProfileError, ValueError) as error:
        raise BatchError(f"batch: {error}") from error


def _decompressed(data: bytes) -> bytes:
    if len(data) > MAX_COMPRESSED_BYTES:
        raise BatchError(f"batch of {len(data)} bytes is over MAX_COMPRESSED_BYTES ({MAX_COMPRESSED_BYTES})")
    try:
        size = zstandard.frame_content_size(data)
        if not 0 <= size <= MAX_BYTES:
            raise BatchError(f"batch that unpacks to {size} bytes is over MAX_BYTES ({MAX_BYTES}), or does not say")
        return zstandard.ZstdDecompressor().decompress(data, max_output_size=MAX_BYTES)
    except zstandard.ZstdError as error:
        raise BatchError(f"batch is damaged: {error}") from error


def _map(data: bytes) -> Any:
    try:
        return msgpack.unpackb(data, use_list=False)
    except (msgpack.UnpackException, ValueError) as error:
        raise BatchError(f"batch is damaged: {error}") from error


def _column(data: bytes, dtype: str) -> npt.NDArray[Any]:
    return np.frombuffer(data, dtype=dtype)


def _times_message(times: Times) -> dict[str, Any]:
    message = {
        "unit_ns": RESOLUTION_NS,
        "first_ns": int(times.at_ns[0]),
        "step": to_planes(np.diff(times.at_ns) // RESOLUTION_NS),
        "row": to_planes(times.row),
    }
    return message | ({"cpu": to_planes(times.cpu - NO_CPU)} if times.has_cpus else {})


def _times(message: _Times | None) -> Times:
    if message is None:
        return Times.none()
    steps, row = from_planes(message.step), from_planes(message.row)
    if steps.sum(dtype=np.float64) * message.unit_ns > MAX_TIME_NS:
        raise ProfileError(f"times: from the first to the last is over MAX_TIME_NS ({MAX_TIME_NS})")
    at_ns = message.first_ns + np.cumsum(np.r_[0, steps]) * message.unit_ns
    return Times(at_ns, row.astype(np.int32), _cpus(message.cpu) if message.cpu else no_cpus(len(at_ns)))


def _cpus(planes: Sequence[bytes]) -> Int16s:
    cpus = from_planes(planes) + NO_CPU
    if len(cpus) and cpus.max() >= MAX_CPUS:
        raise ProfileError(f"times.cpu: {cpus.max()} is not below MAX_CPUS ({MAX_CPUS})")
    return cpus.astype(np.int16)
