"""Columns as one binary message for the browser: magic, u32 length of the header, JSON header, the columns' bytes.

Header and columns begin at multiples of ALIGN; the header's `sections` lists them: `name, dtype, offset, length`.
Offsets count from the end of the padded header. `static/js/core/sections.js` reads such messages.
"""

import json
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from profiler.core.errors import WireError

ALIGN = 8  # typed arrays in the browser must start at a multiple of their size
PREFIX = struct.Struct("<4sI")
Columns = Mapping[str, npt.NDArray[Any]]


def pack(magic: bytes, header: Mapping[str, Any], columns: Columns) -> bytes:
    """The message. Columns are little-endian already."""
    sections, parts, offset = [], [], 0
    for name, column in columns.items():
        data = column.tobytes()
        kind = column.dtype.kind + str(column.dtype.itemsize * 8)
        sections.append({"name": name, "dtype": kind, "offset": offset, "length": len(column)})
        padding = -len(data) % ALIGN
        parts += [data, bytes(padding)]
        offset += len(data) + padding
    whole = {**header, "sections": sections}
    text = json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    padding = -(PREFIX.size + len(text)) % ALIGN
    return b"".join([PREFIX.pack(magic, len(text)), text, bytes(padding), *parts])


def unpack(magic: bytes, schema: int, message: bytes) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
    """Header and columns. Raises WireError."""
    if len(message) < PREFIX.size or message[:4] != magic:
        raise WireError(f"wire message of {len(message)} bytes does not begin with {magic!r}")
    _, length = PREFIX.unpack_from(message)
    try:
        header = json.loads(message[PREFIX.size : PREFIX.size + length])
        if header["schema"] != schema:
            raise WireError(f"wire message has schema {header['schema']}; this reader knows {schema}")
        base = PREFIX.size + length + -(PREFIX.size + length) % ALIGN
        columns: dict[str, npt.NDArray[Any]] = {}
        for s in header["sections"]:
            dtype = f"<{s['dtype'][0]}{int(s['dtype'][1:]) // 8}"
            columns[s["name"]] = np.frombuffer(message, dtype, s["length"], base + s["offset"])
    except (ValueError, KeyError, TypeError) as error:
        raise WireError(f"wire message is damaged: {error}") from error
    return header, columns
