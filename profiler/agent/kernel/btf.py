"""Offsets of fields in the running kernel's structs, from BTF (Documentation/bpf/btf.rst).

BPF programs need a few of them; headers of another version would give wrong ones without any error.
"""

import contextlib
import struct
from array import array
from collections.abc import Iterator
from contextvars import ContextVar
from pathlib import Path

import numpy as np

from profiler.core.errors import WebprofError

KERNEL_BTF = Path("/sys/kernel/btf/vmlinux")

_HEADER = struct.Struct("<HBBIIIII")  # magic, version, flags, header, types at, size, strings at, size
_TYPE = struct.Struct("<III")  # name, info, size or type
_MEMBER = struct.Struct("<III")  # name, type, offset in bits
_ENUMERATOR = struct.Struct("<Ii")  # name, value
_MAGIC = 0xEB9F
_INT, _POINTER, _STRUCT, _UNION, _ENUM, _FORWARD, _TYPEDEF, _PROTOTYPE, _ENUM64 = 1, 2, 4, 5, 6, 7, 8, 13, 19
_PARAMETER = struct.Struct("<II")  # name, type
# What the kernel calls the type of a tracepoint's functions, before the tracepoint's name.
_TRACEPOINT = "btf_trace_"
# Bytes behind the common part of a type, by kind: a fixed part, and a part for each of `vlen` entries.
_FIXED = {_INT: 4, 3: 12, 14: 4, 17: 4}
_EACH = {_STRUCT: 12, _UNION: 12, _ENUM: 8, _PROTOTYPE: 8, 15: 12, _ENUM64: 12}
# Wrappers around a type that keep its layout: typedef, volatile, const, restrict.
_TRANSPARENT = {8, 9, 10, 11}
_MAX_NESTING = 8


class BtfError(WebprofError):
    """The kernel offers no BTF, or it lacks a struct or a field."""


# The kernel's own, for those who ask one after the other: reading it takes 30 ms and 10 MB.
_kept: ContextVar["Btf | None"] = ContextVar("_kept", default=None)
_keeps: ContextVar[bool] = ContextVar("_keeps", default=False)


@contextlib.contextmanager
def read_once() -> Iterator[None]:
    """While this is open, in this thread, the running kernel's BTF is read at most once. It may be open already."""
    if _keeps.get():
        yield
        return
    keeps, kept = _keeps.set(True), _kept.set(None)
    try:
        yield
    finally:
        _kept.reset(kept)
        _keeps.reset(keeps)


def _keep(btf: "Btf") -> "Btf":
    if _keeps.get():
        _kept.set(btf)
    return btf


class Btf:
    """One BTF blob. Raises BtfError when it is none."""

    def __init__(self, data: bytes) -> None:
        if len(data) < _HEADER.size:
            raise BtfError("BTF is shorter than its header")
        magic, _, _, header, types_at, types_size, strings_at, strings_size = _HEADER.unpack_from(data)
        if magic != _MAGIC:
            raise BtfError(f"BTF begins with {magic:#x} instead of {_MAGIC:#x}")
        self._types = data[header + types_at : header + types_at + types_size]
        self._strings = data[header + strings_at : header + strings_at + strings_size]
        self._places = array("I", self._walk())
        words = np.frombuffer(self._types, dtype="<u4", count=len(self._types) // 4)
        starts = np.frombuffer(self._places, dtype=np.uint32) // 4
        self._names, self._kinds = words[starts], words[starts + 1] >> 24 & 0x1F

    @classmethod
    def of_running_kernel(cls) -> "Btf":
        try:
            return _kept.get() or _keep(cls(KERNEL_BTF.read_bytes()))
        except OSError as error:
            raise BtfError(f"{KERNEL_BTF}: {error.strerror}; the kernel needs CONFIG_DEBUG_INFO_BTF") from error

    def has_name(self, name: str) -> bool:
        """Whether anything is called so, such as `btf_trace_` with a tracepoint that tracefs does not list."""
        return b"\0" + name.encode() + b"\0" in self._strings

    def offset(self, struct_name: str, path: str) -> int:
        """Bytes from the start of a struct to a field; `path` may go into embedded structs: `i_mtime.tv_sec`."""
        return self.bit_offset(struct_name, path) // 8

    def bit_offset(self, struct_name: str, path: str) -> int:
        """The same in bits, of which a bit field tells the exact one."""
        for place in self._named(struct_name, _STRUCT):
            bits = self._find(place, path.split("."), 0)
            if bits is not None:
                return bits
        raise BtfError(f"this kernel's struct {struct_name} has no field {path}")

    def enumerator(self, name: str) -> int:
        """The value of a name in an enumeration."""
        wanted = self._name_offset(name)
        for number in np.flatnonzero(self._kinds == _ENUM):
            place = self._places[number] + _TYPE.size
            count = _TYPE.unpack_from(self._types, self._places[number])[1] & 0xFFFF
            for i in range(count):
                entry: tuple[int, int] = _ENUMERATOR.unpack_from(self._types, place + i * _ENUMERATOR.size)
                if entry[0] == wanted:
                    return entry[1]
        raise BtfError(f"this kernel has no enumerator {name}")

    def arguments(self, tracepoint: str) -> tuple[str, ...]:
        """What the kernel's code passes to a tracepoint (without its category): `task_struct*` for a pointer to a
        struct, `number` for a number, and `other`.
        """
        for place in self._named(_TRACEPOINT + tracepoint, _TYPEDEF):
            # The first one is for those who have registered the function.
            return self._parameters(_TYPE.unpack_from(self._types, place)[2])[1:]
        raise BtfError(f"this kernel's BTF has no type {_TRACEPOINT}{tracepoint}")

    def _parameters(self, number: int) -> tuple[str, ...]:
        """Of the function that a pointer of this type is to."""
        kind, _, prototype = self._plain(number)
        kind, place, _ = self._plain(prototype) if kind == _POINTER else (0, 0, 0)
        if kind != _PROTOTYPE:
            raise BtfError("this kernel's BTF has a tracepoint whose type is no function's")
        info = _TYPE.unpack_from(self._types, place)[1]
        first, size = place + _TYPE.size, _PARAMETER.size
        return tuple(self._word(_PARAMETER.unpack_from(self._types, first + i * size)[1]) for i in range(info & 0xFFFF))

    def _word(self, number: int) -> str:
        kind, place, target = self._plain(number)
        if kind in (_INT, _ENUM, _ENUM64):
            return "number"
        if kind == _POINTER:
            kind, place, _ = self._plain(target)
        if kind not in (_STRUCT, _FORWARD):
            return "other"
        start = _TYPE.unpack_from(self._types, place)[0]
        return self._strings[start : self._strings.index(0, start)].decode() + "*"

    def _plain(self, number: int) -> tuple[int, int, int]:
        """Kind, place and target of a type, through typedefs and qualifiers; kind 0 where there is none (`void`)."""
        for _ in range(_MAX_NESTING):
            if not 0 < number <= len(self._places):
                return 0, 0, 0
            place = self._places[number - 1]
            _, info, target = _TYPE.unpack_from(self._types, place)
            kind = info >> 24 & 0x1F
            if kind not in _TRANSPARENT:
                return kind, place, target
            number = target
        return 0, 0, 0

    def _named(self, name: str, kind: int) -> Iterator[int]:
        """Places of the types of one kind that have a name."""
        found = (self._names == self._name_offset(name)) & (self._kinds == kind)
        yield from (self._places[number] for number in np.flatnonzero(found))

    def _walk(self) -> Iterator[int]:
        """Where each type stands; the first has number 1."""
        place, unpack, types = 0, _TYPE.unpack_from, self._types
        while place + _TYPE.size <= len(types):
            yield place
            info = unpack(types, place)[1]
            kind = info >> 24 & 0x1F
            place += _TYPE.size + _FIXED.get(kind, 0) + _EACH.get(kind, 0) * (info & 0xFFFF)

    def _name_offset(self, name: str) -> int:
        found = self._strings.find(b"\0" + name.encode() + b"\0")
        if found < 0:
            raise BtfError(f"this kernel's BTF has no name {name}")
        return found + 1

    def _find(self, place: int, path: list[str], depth: int) -> int | None:
        """Bits from the start of the struct at `place`; fields of unnamed members count as its own."""
        name, wanted = self._name_offset(path[0]), path[1:]
        _, info, _ = _TYPE.unpack_from(self._types, place)
        for i in range(info & 0xFFFF):
            member: tuple[int, int, int] = _MEMBER.unpack_from(self._types, place + _TYPE.size + i * _MEMBER.size)
            member_name, type_number, offset = member
            bits = offset & 0xFF_FFFF if info >> 31 else offset
            if member_name == name and not wanted:
                return bits
            inner = self._struct(type_number) if depth < _MAX_NESTING and member_name in (0, name) else None
            if inner is not None:
                found = self._find(inner, path if member_name == 0 else wanted, depth + 1)
                if found is not None:
                    return bits + found
        return None

    def _struct(self, number: int) -> int | None:
        """The place of a struct or union, through typedefs and qualifiers; None for other types."""
        kind, place, _ = self._plain(number)
        return place if kind in (_STRUCT, _UNION) else None
