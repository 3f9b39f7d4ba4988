"""Call frame instructions: one function's program → the rule that holds from each address on (DWARF 5, section 6.4).

Only the CFA, rbp and the return address are followed: on x86-64 nothing else is needed to reach the caller.
"""

from array import array

from profiler.agent.unwind.leb128 import sleb128, uleb128
from profiler.agent.unwind.rows import RowKind
from profiler.agent.unwind.rule import AT_RBP, LOST, UNCHANGED, State, cfa_of_expression, pack_state
from profiler.core.errors import WebprofError

# Compilers nest one or two deep.
MAX_REMEMBERED = 64

_RBP, _RSP, _RA = 6, 7, 16
_RA_OFFSET = -8  # from the CFA: where `call` put it
_CFA_SHIFT = 45  # bytes to 8-byte words (3 bits), into the upper 16 bits of a row
_CFA_MASK = 0x7FFFF
_KIND_OF_REGISTER = {_RSP: RowKind.RSP, _RBP: RowKind.RBP}
_AT_RBP_EXPRESSION = b"\x76\x00"  # rbp + 0


class CfiError(WebprofError):
    """A program that we don't follow; the text is the reason to count."""


class Machine:
    """Runs the programs of one CIE. `run` does the frequent instructions itself; the others have a method each."""

    def __init__(self, data: bytes, code_align: int, data_align: int, *, signal: bool) -> None:
        self._data = data
        self._code_align = code_align
        self._data_align = data_align
        self._signal = signal
        self._initial = self._state = State()
        self._remembered: list[State] = []
        self._position = self._pc = 0

    def set_initial(self, position: int, end: int) -> None:
        """Run the CIE's own instructions: every program starts with what they leave."""
        self.run(position, end, 0, array("Q"))
        self._initial = self._state

    def run(self, position: int, end: int, pc: int, rows: "array[int]") -> None:
        """Append a row for each rule of the function at `pc`.

        Raises CfiError, or IndexError where the data ends. The frequent instructions are done in the loop: with a call
        for each, parsing takes three times as long.
        """
        data, code_align, append = self._data, self._code_align, rows.append
        instructions = self._INSTRUCTIONS
        self._remembered.clear()
        state = self._initial
        cfa, rule, rule_in_range = state.cfa, *pack_state(state)
        while position < end:
            op = data[position]
            position += 1
            if 0x40 <= op < 0x80:  # advance_loc
                append(pc | rule | (cfa & _CFA_MASK) << _CFA_SHIFT)
                pc += (op & 0x3F) * code_align
            elif op == 0x0E and not data[position] & 0x87:  # def_cfa_offset of one byte, a multiple of 8
                cfa = data[position]
                position += 1
                rule = rule_in_range
            elif (op == 0x83 or 0x8C <= op <= 0x8F) and data[position] < 0x80:  # offset of rbx or r12 to r15
                position += 1
            elif op == 0x02:  # advance_loc1
                append(pc | rule | (cfa & _CFA_MASK) << _CFA_SHIFT)
                pc += data[position] * code_align
                position += 1
            elif op:
                self._position, self._pc, self._state = position, pc, State(state.kind, cfa, state.rbp, state.ra)
                instructions[op](self, op)
                if self._pc != pc:
                    append(pc | rule | (cfa & _CFA_MASK) << _CFA_SHIFT)
                position, pc, state = self._position, self._pc, self._state
                cfa, rule, rule_in_range = state.cfa, *pack_state(state)
        append(pc | rule | (cfa & _CFA_MASK) << _CFA_SHIFT)
        self._state = state._replace(cfa=cfa)

    def _uleb128(self) -> int:
        value, self._position = uleb128(self._data, self._position)
        return value

    def _sleb128(self) -> int:
        value, self._position = sleb128(self._data, self._position)
        return value

    def _block(self) -> bytes:
        size = self._uleb128()
        block = self._data[self._position : self._position + size]
        if len(block) < size:
            raise CfiError("truncated")
        self._position += size
        return block

    def _advance(self, op: int, /) -> None:
        size = {0x02: 1, 0x03: 2, 0x04: 4}[op]
        delta = self._data[self._position : self._position + size]
        self._position += size
        self._pc += int.from_bytes(delta, "little") * self._code_align

    def _set_register(self, register: int, offset: int) -> None:
        """The caller's `register` is saved at CFA + offset."""
        if register == _RBP:
            kind, cfa, _, ra = self._state
            self._state = State(kind, cfa, offset if offset and offset % 8 == 0 else LOST, ra)
        elif register == _RA:
            self._state = self._state._replace(ra=RowKind.RSP if offset == _RA_OFFSET else RowKind.BAD)

    def _offset(self, op: int, /) -> None:
        self._set_register(op & 0x3F, self._uleb128() * self._data_align)

    def _offset_extended(self, _op: int, /) -> None:
        self._set_register(self._uleb128(), self._uleb128() * self._data_align)

    def _offset_extended_signed(self, _op: int, /) -> None:
        self._set_register(self._uleb128(), self._sleb128() * self._data_align)

    def _negative_offset(self, _op: int, /) -> None:
        self._set_register(self._uleb128(), -self._uleb128() * self._data_align)

    def _restore_register(self, register: int) -> None:
        if register == _RBP:
            self._state = self._state._replace(rbp=self._initial.rbp)
        elif register == _RA:
            self._state = self._state._replace(ra=self._initial.ra)

    def _restore(self, op: int, /) -> None:
        self._restore_register(op & 0x3F)

    def _restore_extended(self, _op: int, /) -> None:
        self._restore_register(self._uleb128())

    def _undefined(self, _op: int, /) -> None:
        register = self._uleb128()
        if register == _RA:
            self._state = self._state._replace(ra=RowKind.END)
        self._lose(register, but=_RA)

    def _same_value(self, _op: int, /) -> None:
        register = self._uleb128()
        if register == _RBP:
            self._state = self._state._replace(rbp=UNCHANGED)
        self._lose(register, but=_RBP)

    def _lose(self, register: int, but: int = -1) -> None:
        if register == _RBP != but:
            self._state = self._state._replace(rbp=LOST)
        elif register == _RA != but:
            self._state = self._state._replace(ra=RowKind.BAD)

    def _register(self, _op: int, /) -> None:
        self._lose(self._uleb128())
        self._uleb128()

    def _value_offset(self, op: int, /) -> None:
        self._register(op)

    def _remember(self, _op: int, /) -> None:
        if len(self._remembered) == MAX_REMEMBERED:
            raise CfiError("remembered states over the limit")
        self._remembered.append(self._state)

    def _recall(self, _op: int, /) -> None:
        if not self._remembered:
            raise CfiError("restore without remember")
        self._state = self._remembered.pop()

    def _define_cfa(self, op: int, /) -> None:
        register = self._uleb128()
        offset = self._uleb128() if op == 0x0C else self._sleb128() * self._data_align
        self._state = State(_KIND_OF_REGISTER.get(register, RowKind.BAD), offset, self._state.rbp, self._state.ra)

    def _define_cfa_register(self, _op: int, /) -> None:
        self._state = self._state._replace(kind=_KIND_OF_REGISTER.get(self._uleb128(), RowKind.BAD))

    def _define_cfa_offset(self, op: int, /) -> None:
        self._state = self._state._replace(cfa=self._uleb128() if op == 0x0E else self._sleb128() * self._data_align)

    def _define_cfa_expression(self, _op: int, /) -> None:
        kind, cfa = cfa_of_expression(self._block(), signal=self._signal)
        self._state = self._state._replace(kind=kind, cfa=cfa)

    def _expression(self, _op: int, /) -> None:
        register, block = self._uleb128(), self._block()
        if register == _RBP and block == _AT_RBP_EXPRESSION:
            self._state = self._state._replace(rbp=AT_RBP)
        elif self._state.kind != RowKind.SIGNAL:  # there every register has an expression, and the walk reads them all
            self._lose(register)

    def _value_expression(self, _op: int, /) -> None:
        self._lose(self._uleb128())
        self._block()

    def _arguments_size(self, _op: int, /) -> None:
        self._uleb128()

    def _unknown(self, op: int, /) -> None:
        raise CfiError(f"instruction 0x{op:02x}")

    _INSTRUCTIONS = (
        dict.fromkeys(range(256), _unknown)
        | dict.fromkeys(range(0x80, 0xC0), _offset)
        | dict.fromkeys(range(0xC0, 0x100), _restore)
        | {
            0x02: _advance,
            0x03: _advance,
            0x04: _advance,
            0x05: _offset_extended,
            0x06: _restore_extended,
            0x07: _undefined,
            0x08: _same_value,
            0x09: _register,
            0x0A: _remember,
            0x0B: _recall,
            0x0C: _define_cfa,
            0x0D: _define_cfa_register,
            0x0E: _define_cfa_offset,
            0x0F: _define_cfa_expression,
            0x10: _expression,
            0x11: _offset_extended_signed,
            0x12: _define_cfa,
            0x13: _define_cfa_offset,
            0x14: _value_offset,
            0x15: _value_offset,
            0x16: _value_expression,
            0x2E: _arguments_size,
            0x2F: _negative_offset,
        }
    )
