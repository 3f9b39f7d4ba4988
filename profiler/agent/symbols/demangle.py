"""C++ and Rust names as people write them.

The C++ runtime's own demangler does it: libbcc is C++ and brings libstdc++ along. Rust's older mangling is C++'s with
a hash as the last part of the path.
"""

import ctypes
import functools
import re
from collections.abc import Callable

# Template-heavy code has names of tens of kilobytes; a frame needs to be read by a person.
MAX_NAME_LENGTH = 1024
_RUST_HASH = re.compile(r"::h[0-9a-f]{16}$")
_RUST_ESCAPES = {
    "$LT$": "<", "$GT$": ">", "$RF$": "&", "$BP$": "*", "$LP$": "(", "$RP$": ")", "$C$": ",", "$u20$": " ",
    "$u5b$": "[", "$u5d$": "]", "$u7b$": "{", "$u7d$": "}", "$u27$": "'", "..": "::",
}  # fmt: skip


@functools.cache
def _demangler() -> Callable[..., int | None] | None:
    """`abi::__cxa_demangle(name, buffer, length, status)`: a string to free, or null."""
    try:
        function = ctypes.CDLL("libstdc++.so.6")["__cxa_demangle"]
    except (OSError, AttributeError):
        return None
    function.restype = ctypes.c_void_p
    return function


_free = ctypes.CDLL(None)["free"]
_free.argtypes = [ctypes.c_void_p]


def demangle(name: str) -> str:
    """The demangled name, or the name itself when it isn't mangled. At most MAX_NAME_LENGTH characters."""
    if name.startswith("_Z"):
        name = _demangle_cxx(name)
    return name if len(name) <= MAX_NAME_LENGTH else name[: MAX_NAME_LENGTH - 1] + "…"


def _demangle_cxx(name: str) -> str:
    demangler = _demangler()
    if demangler is None:
        return name
    status = ctypes.c_int()
    pointer = demangler(name.encode(), None, None, ctypes.byref(status))
    if not pointer:
        return name
    try:
        text = ctypes.string_at(pointer).decode(errors="replace")
    finally:
        _free(pointer)
    return _rust(text) if _RUST_HASH.search(text) else text


def _rust(path: str) -> str:
    path = _RUST_HASH.sub("", path)
    for escape, character in _RUST_ESCAPES.items():
        path = path.replace(escape, character)
    # A part of a path can't begin with an escape, so the compiler puts an underscore before it.
    return re.sub(r"(^|::)_<", r"\1<", path)
