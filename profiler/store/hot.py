"""A profile's sums as bytes on their way into a segment: whole in itself, so that no row depends on another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from threading import local
from typing import Any

import msgpack
import numpy as np
import zstandard

from profiler.core.frame import Frame, FrameKind
from profiler.core.identity import Hashes, frame_hashes, key_hash, stack_hashes
from profiler.core.profile import SAMPLES, Int32s, Int64s, ProfileMeta
from profiler.core.quality import Quality
from profiler.core.stack_sums import StackSums
from profiler.core.times import RESOLUTION_NS, tick_ns
from profiler.store.catalog import HOST, SERVICE, NewProfile, Subject
from profiler.store.losses import Told, told_of

NS_PER_MS = 1_000_000
ZSTD_LEVEL = 1  # these bytes live for a minute
_OF_THREAD = local()
_COLUMNS = {
    "parent": "<i4", "frame": "<i4", "frame_hash": "<u8", "node": "<i4", "value": "<i8", "stack": "<u8", "at": "<i8",
    "row": "<i4",
}  # fmt: skip


@dataclass(frozen=True)
class HotStacks:
    """Columns as in StackSums, `frame_hash` by frame, `stack` by stack: its number of content.

    `at` and `row`: samples with a time, in ticks of RESOLUTION_NS since 1970, and which of `node` they are of.
    `told`: what is known of losses; empty when nothing is.
    Where all stacks are known already, nothing else is looked at; frames are unpacked only when somebody asks.
    """

    parent: Int32s
    frame: Int32s
    frame_hash: Hashes
    node: Int32s
    value: Int64s
    stack: Hashes
    at: Int64s
    row: Int32s
    told: Sequence[Told]
    packed_frames: bytes

    @cached_property
    def frames(self) -> list[Frame]:
        rows = msgpack.unpackb(self.packed_frames, use_list=False)
        return [Frame(row[0], FrameKind(row[1]), *row[2:]) for row in rows]


def new_profile(
    meta: ProfileMeta, service: str, sums: StackSums, labels: Mapping[str, str], quality: Quality | None = None
) -> NewProfile:
    """One service's part of the profile `meta`, ready to be appended; without a quality nobody knows what it lacks."""
    return NewProfile(
        key=key_hash(meta.id, service),
        subject=Subject(service, meta.kind, meta.unit),
        labels={**labels, HOST: meta.host, SERVICE: service},
        ts_ms=meta.start_ns // NS_PER_MS,
        duration_ms=meta.duration_ns // NS_PER_MS,
        total=sums.total,
        stacks=len(sums.node),
        data=pack(sums, meta.start_ns, quality),
        profile=key_hash(meta.id),
        period_ns=meta.period_ns if meta.unit == SAMPLES else 0,
    )


def pack(sums: StackSums, start_ns: int, quality: Quality | None = None) -> bytes:
    if sums.numbers is not None:
        return packed(sums, *sums.numbers, start_ns, quality)
    hashes = frame_hashes(sums.frames)
    return packed(sums, hashes, stack_hashes(sums.parent, hashes[sums.frame])[sums.node], start_ns, quality)


def packed(sums: StackSums, frames: Hashes, stacks: Hashes, start_ns: int, quality: Quality | None) -> bytes:
    """The same where the numbers of frames, and of the stacks of `node`, are known."""
    message = {
        # How far before it a node's parent stands: mostly 1, so that it takes next to nothing.
        "parent": (np.arange(len(sums.parent)) - sums.parent).astype("<i4").tobytes(),
        "frame": sums.frame.astype("<i4").tobytes(),
        "frame_hash": frames.astype("<u8").tobytes(),
        "stack": stacks.astype("<u8").tobytes(),
        "node": sums.node.astype("<i4").tobytes(),
        "value": sums.value.astype("<i8").tobytes(),
        "at": ((sums.times.at_ns + tick_ns(start_ns)) // RESOLUTION_NS).astype("<i8").tobytes(),
        "row": sums.times.row.astype("<i4").tobytes(),
        "told": [] if quality is None else told_of(quality, sums.total),
        "frames": msgpack.packb(sums.frames, unicode_errors="replace"),
    }
    plain: bytes = msgpack.packb(message)
    return _compressor().compress(plain)


def _compressor() -> zstandard.ZstdCompressor:
    """One per thread: it may not be shared, and making it takes as long as using it."""
    if not hasattr(_OF_THREAD, "compressor"):
        _OF_THREAD.compressor = zstandard.ZstdCompressor(level=ZSTD_LEVEL)
    compressor: zstandard.ZstdCompressor = _OF_THREAD.compressor
    return compressor


def unpack(data: bytes) -> HotStacks:
    message: Mapping[str, Any] = msgpack.unpackb(zstandard.ZstdDecompressor().decompress(data))
    # Rows of a version before times were kept may still wait.
    read = {name: np.frombuffer(message.get(name, b""), dtype=dtype) for name, dtype in _COLUMNS.items()}
    read["parent"] = (np.arange(len(read["parent"])) - read["parent"]).astype(np.int32)
    told = [Told(*row) for row in message.get("told", ())]
    return HotStacks(**read, told=told, packed_frames=message["frames"])


def joined(rows: Sequence[HotStacks]) -> tuple[Int64s, Hashes, Int64s, Int64s]:
    """Parent and frame by node, node and value by stack, of all rows; what several have is there several times."""
    starts = np.cumsum([0, *(len(row.parent) for row in rows)]).tolist()[:-1]
    based = list(zip(rows, starts, strict=True))
    parent = np.concatenate([np.where(row.parent >= 0, row.parent + base, -1).astype(np.int64) for row, base in based])
    frame = np.concatenate([row.frame_hash[row.frame] for row in rows])
    node = np.concatenate([row.node.astype(np.int64) + base for row, base in based])
    return parent, frame, node, np.concatenate([row.value for row in rows])
