"""Pages that processes read from files: how many there are in the page cache, and how many come from a disk."""

import numpy as np

from profiler.core.probe import COMM, PID, Columns, Emits, Field, Probe, Record, Shows
from profiler.core.process_counts import PROCESS, counted, counts_dtype

READING = ("read", "pread64", "readv", "preadv", "sendfile64", "splice")

READ = Field("pages", Shows.NUMBER, "Pages read", "of 4 KiB; a page that is read twice counts twice")
MISSED = Field("missed", Shows.NUMBER, "Missed", "pages that were brought in while reading, those read ahead too")
SHARE = Field("hit_percent", Shows.NUMBER, "Hits, %", "of the pages read; 0 where more came in than were read")


def _decode(rows: Record) -> Columns:
    """Pages that are read ahead come in a second before they are read: there are no hits below none."""
    read, missed = rows["values"][:, 0], rows["values"][:, 1]
    hits = np.where(missed < read, read - missed, 0)
    share = np.divide(100 * hits, read, out=np.zeros(len(rows)), where=read > 0)
    return counted(READ, MISSED)(rows) | {SHARE.name: share.astype(np.uint64)}


PROBE = Probe(
    name="page_cache",
    title="Page cache by process",
    about="Pages that read() and its like take from the page cache, and pages that had to be brought in for it, second "
    "by second. Few hits are reads that wait for a disk. Memory-mapped files are not in it, nor is what is written.",
    emits=Emits.COUNTERS,
    needs=(
        "filemap:mm_filemap_get_pages",
        "filemap:mm_filemap_add_to_page_cache",
        *(f"syscalls:sys_{way}_{call}" for call in READING for way in ("enter", "exit")),
    ),
    cost_ns=460,
    arguments=(
        "mm_filemap_get_pages(address_space*, number, number)",
        "mm_filemap_add_to_page_cache(folio*)",
    ),
    offsets=("folio.flags", "folio._flags_1"),
    enumerators=("PG_head",),
    parameters=(PID, COMM),
    fields=(*PROCESS, READ, MISSED, SHARE),
    decode=_decode,
    record=counts_dtype(2),
)
