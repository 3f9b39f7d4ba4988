"""JSON as typed values, or an error that says where it is not what was expected."""

import codecs
from typing import Final, TypeVar

import msgspec

from profiler.formats.base import refuse

_MAX_MESSAGE: Final = 300

T = TypeVar("T")


def decode_json(data: bytes, type_: type[T], name: str, expected: str) -> T:
    """`data` as `type_`; fields that the type does not have are passed over.

    Raises FormatError with the place as a JSON path (`$.profiles[3].samples`) or a byte, and what was `expected`.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        data = data.decode("utf-16", errors="replace").encode()
    try:
        return msgspec.json.decode(data.removeprefix(codecs.BOM_UTF8), type=type_, strict=True)
    except msgspec.ValidationError as error:
        raise refuse(name, f"{_said(error)}; expected {expected}") from error
    except msgspec.DecodeError as error:
        found = f"broken JSON of {len(data):,} bytes: {_said(error)}"
        raise refuse(name, f"{found}; copy or export the file again") from error
    except UnicodeDecodeError as error:
        raise refuse(name, f"broken JSON: a string at byte {error.start:,} is not UTF-8") from error
    except RecursionError as error:
        raise refuse(name, f"JSON nested too deeply; expected {expected}") from error


def _said(error: Exception) -> str:
    text = str(error)
    return text if len(text) <= _MAX_MESSAGE else text[: _MAX_MESSAGE - 1] + "…"


def looks_like_json(text: str) -> bool:
    return text.lstrip()[:1] in ("{", "[")
