"""C++ and Rust names as people write them, by LLVM's demanglers.

Rust's older mangling is C++'s with escapes and with a hash as the last part of the path; that much is undone here.
"""

import functools
import re

import pycxxfilt

# Template-heavy code has names of tens of kilobytes; a frame needs to be read by a person.
MAX_NAME_LENGTH = 1024
# The demanglers recurse as deep as a name is nested; 60,000 characters end a stack of 8 MiB.
MAX_MANGLED_LENGTH = 4096
# The names of a busy profile; what is forgotten is made again.
MAX_REMEMBERED = 4096
_RUST_HASH = re.compile(r"::h[0-9a-f]{16}( \(\.llvm\.\d+\))?$")
_RUST_ESCAPES = {
    "$LT$": "<", "$GT$": ">", "$RF$": "&", "$BP$": "*", "$LP$": "(", "$RP$": ")", "$C$": ",", "$u20$": " ",
    "$u5b$": "[", "$u5d$": "]", "$u7b$": "{", "$u7d$": "}", "$u27$": "'", "..": "::",
}  # fmt: skip


@functools.lru_cache(MAX_REMEMBERED)
def demangle(name: str) -> str:
    """The demangled name, or the name itself when it isn't mangled. At most MAX_NAME_LENGTH characters."""
    if name.startswith(("_Z", "_R")) and len(name) <= MAX_MANGLED_LENGTH:
        name = _demangle(name)
    return name if len(name) <= MAX_NAME_LENGTH else name[: MAX_NAME_LENGTH - 1] + "…"


def _demangle(name: str) -> str:
    try:
        text = pycxxfilt.demangle(name)
    except ValueError:
        return name
    if text is None:
        return name
    return _rust(text) if _RUST_HASH.search(text) else text


def _rust(path: str) -> str:
    path = _RUST_HASH.sub("", path)
    for escape, character in _RUST_ESCAPES.items():
        path = path.replace(escape, character)
    # A part of a path can't begin with an escape, so the compiler puts an underscore before it.
    return re.sub(r"(^|::)_<", r"\1<", path)
