"""The outermost fields of a protobuf message, to tell what kind of message it may be."""

from typing import Final

MAX_FIELDS: Final = 64
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_MAX_VARINT_BYTES: Final = 10


def field_numbers(head: bytes) -> list[tuple[int, int]]:
    """Number and wire type of the fields at the start of a message that may be cut; empty when it is no message.

    Encoding: https://protobuf.dev/programming-guides/encoding/
    """
    fields: list[tuple[int, int]] = []
    at = 0
    while at < len(head) and len(fields) < MAX_FIELDS:
        tag, at = _varint(head, at)
        number, wire_type = tag >> 3, tag & 7
        if not number or wire_type not in (_VARINT, _FIXED64, _BYTES, _FIXED32):
            return []
        fields.append((number, wire_type))
        if wire_type == _BYTES:
            length, at = _varint(head, at)
            at += length
        elif wire_type == _VARINT:
            _, at = _varint(head, at)
        else:
            at += 8 if wire_type == _FIXED64 else 4
    return fields


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A number and where it ends; of one that is cut, what there is."""
    value = 0
    for place, byte in enumerate(data[at : at + _MAX_VARINT_BYTES]):
        value |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            return value, at + place + 1
    return value, at + _MAX_VARINT_BYTES
