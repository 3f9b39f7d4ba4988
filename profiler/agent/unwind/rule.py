"""The rule a row is made of: states of the call frame machine, the few expressions we know, and how both are packed."""

from functools import lru_cache
from typing import NamedTuple

from profiler.agent.unwind.leb128 import sleb128
from profiler.agent.unwind.rows import CFA_MAX, CFA_MIN, RBP_AT_RBP, RBP_LOST, RowKind, pack_rule

# Rules for rbp that are no offset from the CFA; real offsets are multiples of 8.
UNCHANGED, AT_RBP, LOST = 0, 1, 2

# Expressions as linkers, compilers and libc write them; any other makes a BAD row.
_PLT_START, _PLT_END = b"\x77\x08\x80\x00\x3f\x1a", b"\x2a\x33\x24\x22"  # rsp + 8 + ((rip & 15 >= N) << 3)
_LIT0 = 0x30
_SIGNAL_CFA = b"\x77\xa0\x01\x06"  # *(rsp + 160): rsp in the kernel's ucontext
_BREG_RBP, _DEREF = 0x76, 0x06


class State(NamedTuple):
    """kind and cfa (bytes) as in rows, rbp in bytes from the CFA or a marker, ra: RSP (as usual), END or BAD."""

    kind: RowKind = RowKind.BAD
    cfa: int = 0
    rbp: int = UNCHANGED
    ra: RowKind = RowKind.RSP


@lru_cache(maxsize=4096)  # a few hundred states make up most of all programs
def pack_state(state: State) -> tuple[int, int]:
    """The row's upper half without its CFA offset: for the offset in `state`, and for one that fits."""
    if state.ra != RowKind.RSP:
        return pack_rule(state.ra), pack_rule(state.ra)
    in_range = pack_rule(state.kind, _rbp_words(state.rbp))
    words, odd = divmod(state.cfa, 8)
    fits = not odd and CFA_MIN <= words <= CFA_MAX
    return in_range if fits else pack_rule(RowKind.BAD), in_range


def _rbp_words(rbp: int) -> int:
    if rbp == AT_RBP:
        return RBP_AT_RBP
    words, odd = divmod(rbp, 8)
    return RBP_LOST if odd or not RBP_LOST < words < RBP_AT_RBP else words


def cfa_of_expression(block: bytes, *, signal: bool) -> tuple[RowKind, int]:
    if signal and block == _SIGNAL_CFA:
        return RowKind.SIGNAL, 0
    if len(block) == len(_PLT_START + _PLT_END) + 1 and block.startswith(_PLT_START) and block.endswith(_PLT_END):
        first = block[len(_PLT_START)] - _LIT0
        return (RowKind.PLT, 8 * first) if 0 <= first < 16 else (RowKind.BAD, 0)
    if len(block) > 2 and block[0] == _BREG_RBP and block[-1] == _DEREF:
        offset, end = sleb128(block, 1)
        if end == len(block) - 1:
            return RowKind.DEREF, offset
    return RowKind.BAD, 0
