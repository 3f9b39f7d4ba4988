"""One row of an unwind table: how to get from a frame to its caller, from one address on. Twin of walk_eh.h.

A row is a u64: pc (32 bits, an ELF address), kind (8), rbp (8, signed), cfa (16, signed); offsets count 8-byte words.
The canonical frame address (CFA) is the caller's rsp; the return address always stands at CFA - 8.
"""

from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.uint64]

ROW_BYTES = 8
# pc has 32 bits: code above 4 GiB of an ELF file's address space has no rows.
PC_LIMIT = 1 << 32
# cfa has 16 bits of 8-byte words: a frame above 256 KiB is a BAD row.
CFA_MIN, CFA_MAX = -(1 << 15), (1 << 15) - 1
# rbp: 0 is "unchanged"; otherwise saved at CFA + 8 * rbp, but for these two.
RBP_UNCHANGED = 0
RBP_AT_RBP = 127  # saved where rbp points to
RBP_LOST = -128  # in another register or an expression: unknown from here on


class RowKind(IntEnum):
    """`enum row_kind`: the rule for the CFA."""

    END = 0  # the process's or thread's entry: no caller
    RSP = 1  # rsp + cfa
    RBP = 2  # rbp + cfa
    PLT = 3  # rsp + 8, and 8 more from byte `cfa` of each 16-byte PLT entry on
    SIGNAL = 4  # the kernel's signal frame at rsp holds all registers
    BAD = 5  # a rule that we don't follow
    DEREF = 6  # the word at rbp + cfa
    GAP = 7  # code that has no unwind information


@dataclass(frozen=True)
class RowTable:
    """Rows sorted by pc, and what was left out of them, by reason."""

    rows: Rows
    skipped: dict[str, int] = field(default_factory=dict)


def pack_rule(kind: RowKind, rbp: int = RBP_UNCHANGED, cfa: int = 0) -> int:
    """The upper half of a row, in its place."""
    return (int(kind) | (rbp & 0xFF) << 8 | (cfa & 0xFFFF) << 16) << 32


def tidy(rows: Rows) -> Rows:
    """Sorted by pc, one row per pc (the last given, but a GAP gives way to any), repeated rules dropped.

    A browser has four million rows: what is no longer needed is given back before the next is made.
    """
    key = rows << np.uint64(32)
    key >>= np.uint64(31)
    key |= _halves(rows)[1] != int(RowKind.GAP)
    order = np.argsort(key, kind="stable")
    del key
    rows = rows[order]
    del order
    pc, _ = _halves(rows)
    last = np.ones(len(rows), dtype=bool)
    last[:-1] = pc[1:] != pc[:-1]
    rows = rows[last]
    _, rule = _halves(rows)
    changed = np.ones(len(rows), dtype=bool)
    changed[1:] = rule[1:] != rule[:-1]
    return rows[changed]


def _halves(rows: Rows) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
    """pc and rule, as views."""
    halves = rows.view("<u4")
    return halves[0::2], halves[1::2]
