"""Messages of agents as bytes, zstd(MessagePack map), and back under bounds: the trust boundary of batches."""

from collections.abc import Mapping
from typing import Any, TypeVar

import msgpack
import zstandard
from pydantic import BaseModel, ValidationError

from profiler.core.errors import BatchError

# Of a refusal's text.
MAX_WORDS = 500
Message = TypeVar("Message", bound=BaseModel)


def packed(fields: Mapping[str, Any], level: int) -> bytes:
    return zstandard.ZstdCompressor(level=level).compress(msgpack.packb(fields))


def unpacked(data: bytes, model: type[Message], what: str, *, most_compressed: int, most: int) -> Message:
    """Checked. `most_compressed` and `most` are bytes, MAX_COMPRESSED_BYTES and MAX_BYTES of the module that calls.
    Raises BatchError, which begins with `what` it was to be.
    """
    return checked(decompressed(data, what, most_compressed=most_compressed, most=most), model, what)


def decompressed(data: bytes, what: str, *, most_compressed: int, most: int) -> bytes:
    """The first half of `unpacked`."""
    if len(data) > most_compressed:
        raise BatchError(f"{what}: {len(data)} bytes are more than MAX_COMPRESSED_BYTES ({most_compressed})")
    try:
        size = zstandard.frame_content_size(data)
        if not 0 <= size <= most:
            raise BatchError(f"{what}: {size} bytes unpacked are more than MAX_BYTES ({most}), or not told")
        return zstandard.ZstdDecompressor().decompress(data, max_output_size=most)
    except zstandard.ZstdError as error:
        raise BatchError(f"{what}: {str(error)[:MAX_WORDS]}") from error


def checked(data: bytes, model: type[Message], what: str) -> Message:
    """The second half of `unpacked`."""
    try:
        raw: Any = msgpack.unpackb(data)
        return model.model_validate(raw)
    except (ValueError, msgpack.UnpackException, ValidationError) as error:
        raise BatchError(f"{what}: {str(error)[:MAX_WORDS]}") from error
