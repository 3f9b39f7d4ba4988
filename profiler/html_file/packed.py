"""A tree message inside of a page: gzip, in base64, which has no character that a page reads as its own."""

import gzip
from base64 import b64encode
from dataclasses import dataclass

from profiler.core.overview import WHOLE_NODES, encode_overview
from profiler.core.wire import decode, header
from profiler.errors import TooLargeError

# A browser that opens the file holds text, bytes and columns of the whole tree at once: some 100 bytes for each node. A
# million nodes make a file of about 10 MB, which people still mail.
MAX_FILE_NODES = 1_000_000
# Nodes take at most 30 of it; the rest are names.
MAX_MESSAGE_BYTES = 128 * 2**20
# More takes seconds for some percent.
GZIP_LEVEL = 6


@dataclass(frozen=True)
class Packed:
    """`whole` is empty where `first` is all; `cut` of `nodes + cut` places are not in the file, their values are."""

    first: str
    whole: str
    nodes: int
    cut: int


def pack(message: bytes) -> Packed:
    """A page first reads what can be seen of a large tree; a worker unpacks the whole. Raises TooLargeError."""
    if len(message) > MAX_MESSAGE_BYTES:
        mib = -(-len(message) // 2**20)
        most = MAX_MESSAGE_BYTES // 2**20
        raise TooLargeError(
            f"the profile takes {mib:,} MiB, more than the {most} MiB that a file may hold: choose a part of its time"
        )
    tree = decode(message)
    cut = int(tree.cuts.count.sum())
    # Two sides are never parts (static/js/core/answers.js).
    if len(tree) <= WHOLE_NODES or header(message).get("base"):
        return Packed(_text(message), "", len(tree), cut)
    return Packed(_text(encode_overview(tree)), _text(message), len(tree), cut)


def _text(message: bytes) -> str:
    return b64encode(gzip.compress(message, GZIP_LEVEL, mtime=0)).decode("ascii")
