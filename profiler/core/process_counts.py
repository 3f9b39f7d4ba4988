"""What probes count for each process: declarations and columns of them (bpf/counts.h)."""

from collections.abc import Callable

import numpy as np

from profiler.core.event_columns import names
from profiler.core.probe import Columns, Field, Record, Shows

AT = Field("at_ns", Shows.TIME, "Time", "of the second that ends here")
PROCESS = (AT, Field("pid", Shows.PID, "PID"), Field("comm", Shows.COMM, "Name", "of the thread that was met first"))


def counts_dtype(count: int) -> np.dtype[np.void]:
    """Of a row: when it was read, whose it is, and how much each of the numbers has grown."""
    return np.dtype([("at", "<u8"), ("pid", "<u4"), ("comm", "S16"), ("values", "<u8", (count,))])


def counted(*fields: Field) -> Callable[[Record], Columns]:
    """A decoder of rows whose numbers are these fields, in their order in the program."""

    def decode(rows: Record) -> Columns:
        values = {field.name: rows["values"][:, place] for place, field in enumerate(fields)}
        return {"at_ns": rows["at"], "pid": rows["pid"], "comm": names(rows["comm"]), **values}

    return decode
