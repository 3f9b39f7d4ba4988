"""The names of a batch's stacks: nodes and frames that the server may not have yet."""

import numpy as np
import pyarrow as pa

from profiler.core.frame import Frame
from profiler.core.identity import EMPTY, Hashes, stack_hashes
from profiler.core.profile import Int32s
from profiler.core.range_cover import DAY_MS
from profiler.store.catalog import HotRow
from profiler.store.clickhouse.connection import Connection
from profiler.store.clickhouse.known import ALL, Key, Known, Places
from profiler.store.clickhouse.schema import EPOCH_DAYS
from profiler.store.hot import HotStacks
from profiler.store.kinds import FRAMES, NODES, SCHEMAS

_NODES = pa.schema([
    ("epoch", pa.uint16()), ("subject", pa.int32()), ("stack", pa.uint64()), ("parent", pa.uint64()),
    ("frame", pa.uint64()),
])  # fmt: skip
_FRAMES = pa.schema([("epoch", pa.uint16()), *(field for field in SCHEMAS[FRAMES] if field.name != "frame")])


class Names:
    """Gathers those of a batch and sends them together: a server does not like many small inserts."""

    def __init__(self, known: Known) -> None:
        # What this batch brings becomes known to others when the server has it.
        self._known, self._ours = known, Known()
        self._nodes: list[pa.Table] = []
        self._frames: list[tuple[int, int, Frame]] = []
        self._added: list[tuple[Key, Hashes]] = []

    def gather(self, row: HotRow, stacks: HotStacks) -> None:
        key = row.ts_ms // DAY_MS // EPOCH_DAYS, row.subject
        if not len(self._new(key, stacks.stack)):
            return
        frame = stacks.frame_hash[stacks.frame]
        node = stack_hashes(stacks.parent, frame)
        parent = np.where(stacks.parent >= 0, node[stacks.parent], np.uint64(EMPTY))
        new = self._new(key, node)
        epoch, subject = (np.full(len(new), value) for value in key)
        columns = {"epoch": epoch, "subject": subject, "stack": node[new], "parent": parent[new], "frame": frame[new]}
        self._nodes.append(pa.table(columns).cast(_NODES))
        self._add(key, node[new])
        self._gather_frames((key[0], ALL), stacks, np.unique(stacks.frame[new]))

    def _gather_frames(self, key: Key, stacks: HotStacks, used: Int32s) -> None:
        hashes = stacks.frame_hash[used]
        new = self._new(key, hashes)
        self._frames += [(key[0], int(hashes[i]), stacks.frames[used[i]]) for i in new.tolist()]
        self._add(key, hashes[new])

    def _new(self, key: Key, numbers: Hashes) -> Places:
        places = self._known.unknown(key, numbers)
        return places[self._ours.unknown(key, numbers[places])]

    def _add(self, key: Key, numbers: Hashes) -> None:
        self._ours.add(key, numbers)
        self._added.append((key, numbers))

    def send(self, connection: Connection) -> None:
        if self._frames:
            rows = [
                dict(zip(_FRAMES.names, (epoch, number, *frame), strict=True)) for epoch, number, frame in self._frames
            ]
            connection.insert(FRAMES, pa.Table.from_pylist(rows, schema=_FRAMES))
        if self._nodes:
            connection.insert(NODES, pa.concat_tables(self._nodes))
        for key, numbers in self._added:
            self._known.add(key, numbers)
