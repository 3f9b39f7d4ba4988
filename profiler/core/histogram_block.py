"""Half a minute of a histogram's batches as bytes: what the database keeps for a week.

Layout: zstd(MessagePack list of batches as core/histogram_batch.py has them, not compressed): seconds have names in
common, and their stacks nearly everything. Blocks of before examples had stacks are a MessagePack list of compressed
batches.
"""

from collections.abc import Iterable, Iterator

import msgpack
import zstandard

from profiler.core.errors import BatchError
from profiler.core.histogram_batch import MAX_BYTES, HistogramBatch, decompressed, unpacked

# Half a minute is less than a hundredth of this; a block is no larger whoever writes to the stream.
MAX_BLOCK_BYTES = 32 * 2**20
# Larger than what two seconds of stacks are, so that names of the second before are in reach.
_WINDOW_LOG = 23
_LEVEL = 6
_ZSTD = b"\x28\xb5\x2f\xfd"


def pack(batches: Iterable[bytes]) -> bytes:
    """Of batches without their compression, MAX_BLOCK_BYTES of them at the most."""
    parameters = zstandard.ZstdCompressionParameters.from_level(_LEVEL, window_log=_WINDOW_LOG)
    packed: bytes = msgpack.packb(list(batches))
    return zstandard.ZstdCompressor(compression_params=parameters).compress(packed)


def batches_of(data: bytes) -> Iterator[HistogramBatch]:
    """Raises BatchError."""
    return map(unpacked, raw_batches(data))


def raw_batches(data: bytes) -> list[bytes]:
    """What `pack` was given. Raises BatchError."""
    if not data.startswith(_ZSTD):
        return list(map(decompressed, _listed(data)))
    try:
        # A list of MAX_BLOCK_BYTES, whose last batch may be over them.
        raw = zstandard.ZstdDecompressor().decompress(data, max_output_size=MAX_BLOCK_BYTES + 2 * MAX_BYTES)
    except zstandard.ZstdError as error:
        raise BatchError(f"histogram block: {error}") from error
    return _listed(raw)


def _listed(data: bytes) -> list[bytes]:
    try:
        found = msgpack.unpackb(data)
    except (ValueError, msgpack.UnpackException) as error:
        raise BatchError(f"histogram block: {error}") from error
    if not isinstance(found, list) or not all(isinstance(one, bytes) for one in found):
        raise BatchError("histogram block: it is no list of batches")
    return found
