"""elfutils' libdw, as far as looking up functions needs it. The names are libdw's own; its manual pages describe them.

Only the worker process loads it: it is C, and what it reads is not trusted.
"""

import ctypes
import functools
from ctypes import POINTER, c_char_p, c_int, c_ssize_t, c_uint, c_uint64, c_void_p
from typing import Any

from profiler.core.errors import WebprofError

LIBRARY = "libdw.so.1"
DWARF_C_READ = 0

DW_TAG_CLASS_TYPE, DW_TAG_LEXICAL_BLOCK, DW_TAG_STRUCTURE_TYPE, DW_TAG_INLINED_SUBROUTINE = 0x02, 0x0B, 0x13, 0x1D
DW_TAG_MODULE, DW_TAG_CATCH_BLOCK, DW_TAG_SUBPROGRAM, DW_TAG_TRY_BLOCK, DW_TAG_NAMESPACE = 0x1E, 0x25, 0x2E, 0x32, 0x39
DW_AT_LINKAGE_NAME, DW_AT_MIPS_LINKAGE_NAME = 0x6E, 0x2007


class Die(ctypes.Structure):
    """Dwarf_Die: an entry of .debug_info. Valid as long as its Dwarf is open."""

    _fields_ = (("addr", c_void_p), ("cu", c_void_p), ("abbrev", c_void_p), ("padding", ctypes.c_long))


class Attribute(ctypes.Structure):
    """Dwarf_Attribute."""

    _fields_ = (("code", c_uint), ("form", c_uint), ("valp", c_void_p), ("cu", c_void_p))


class LibdwError(WebprofError):
    """The library is missing, or it refused a file. The text says which."""


_DIE = POINTER(Die)
_PROTOTYPES: dict[str, tuple[Any, ...]] = {
    "dwarf_begin": (c_void_p, c_int, c_int),
    "dwarf_end": (c_int, c_void_p),
    "dwarf_setalt": (None, c_void_p, c_void_p),
    "dwarf_errmsg": (c_char_p, c_int),
    "dwarf_get_units": (c_int, c_void_p, c_void_p, POINTER(c_void_p), c_void_p, c_void_p, _DIE, c_void_p),
    "dwarf_ranges": (c_ssize_t, _DIE, c_ssize_t, POINTER(c_uint64), POINTER(c_uint64), POINTER(c_uint64)),
    "dwarf_child": (c_int, _DIE, _DIE),
    "dwarf_siblingof": (c_int, _DIE, _DIE),
    "dwarf_tag": (c_int, _DIE),
    "dwarf_attr_integrate": (c_void_p, _DIE, c_uint, POINTER(Attribute)),
    "dwarf_formstring": (c_char_p, POINTER(Attribute)),
    "dwarf_diename": (c_char_p, _DIE),
    "dwarf_decl_file": (c_char_p, _DIE),
    "dwarf_decl_line": (c_int, _DIE, POINTER(c_int)),
}


@functools.cache
def libdw() -> ctypes.CDLL:
    """Raises LibdwError where elfutils is not installed."""
    try:
        library = ctypes.CDLL(LIBRARY)
        for name, (result, *arguments) in _PROTOTYPES.items():
            function = library[name]
            function.restype, function.argtypes = result, arguments
            setattr(library, name, function)
    except (OSError, AttributeError) as error:
        raise LibdwError(f"{LIBRARY} can't be used ({error}); install elfutils' libdw (Debian: libdw1)") from error
    return library


def error_text() -> str:
    return (libdw().dwarf_errmsg(-1) or b"no reason given").decode(errors="replace")
