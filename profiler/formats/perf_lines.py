"""The lines that `perf script` prints: the head of a sample, a frame, a source line, the file's header comments."""

import re
from typing import Final, NamedTuple

from profiler.core.frame import Frame, FrameKind
from profiler.formats.names import UNKNOWN

# A comm has 15 bytes in Linux; what other tools write in its place is longer, but no essay. Bounds the search below.
COMM_CHARS: Final = 64
# Comm, ids, CPU, flags, time, period and event; what a tracepoint prints after them is longer.
HEAD_CHARS: Final = 512

_HEAD: Final = re.compile(
    rf"\s{{0,32}}(?P<comm>[^\s\0][^\0]{{0,{COMM_CHARS - 1}}}?)\s+"
    r"(?:(?P<pid>-?\d{1,10}|\?)/)?(?P<tid>-?\d{1,10})\s+"
    r"(?:\[(?P<cpu>\d{1,6})\]\s+)?"
    r"(?:[A-Za-z.+-][A-Za-z0-9.+-]{0,7}\s+)?"  # misc (`K`, `U`) or a tracepoint's flags (`d..2.`)
    r"(?:(?P<time>\d{1,18}\.\d{1,9}):\s*)?"
    r"(?:(?P<period>\d{1,18})\s+)?"
    r"(?P<event>[^\s\d:]\S{0,200}?):(?:\s+|$)"
)
_ADDRESS: Final = re.compile(r"[0-9a-f]{1,16}")
_OFFSET: Final = re.compile(r"\+0x[0-9a-f]+$")
_SOURCE: Final = re.compile(r"\s+(?P<file>\S.{0,1000}):(?P<line>\d{1,9})")
_NO_SOURCE: Final = re.compile(r"\s+\S.{0,1000}\[[0-9a-f]{1,16}\]")
_COMMENT: Final = re.compile(r"# ?(?P<key>[a-z][a-z ]{1,30}?)\s*:\s*(?P<value>\S.*)")
_DELETED: Final = " (deleted))"

# Code that the kernel runs. `[vdso]` and `[vsyscall]` look alike, but run in user mode.
KERNEL_MODULE: Final = "[kernel]"
_KERNEL_CORE: Final = re.compile(r"\[(guest\.)?kernel\b.*|(.*/)?vmlinux")
_KERNEL_FILE: Final = re.compile(r"vmlinux-.*|.*\.ko(\.(xz|gz|zst))?")
_USER_BRACKETS: Final = frozenset({UNKNOWN, "[vdso]", "[vsyscall]", "[heap]", "[stack]", "[uprobes]", "[anon]"})
_JIT_MODULE: Final = re.compile(r"perf-\d+\.map|jitted-\d+-\d+\.so|jit-\d+\.dump")
INLINED_MODULE: Final = "inlined"


class Head(NamedTuple):
    """The first line of a sample. `time_ns` is the kernel's clock, −1 when not printed; `period` 0 when not."""

    comm: str
    pid: int
    tid: int
    time_ns: int
    period: int
    event: str
    rest: str


def parse_head(line: str) -> Head | None:
    match = _HEAD.match(line[:HEAD_CHARS])
    if match is None:
        return None
    pid, time = match["pid"], match["time"]
    return Head(
        comm=match["comm"],
        # perf prints -1 for a task that it no longer knows.
        pid=max(0, int(pid)) if pid and pid != "?" else 0,
        tid=max(0, int(match["tid"])),
        time_ns=_nanoseconds(time) if time else -1,
        period=int(match["period"] or 0),
        event=match["event"],
        rest=line[match.end() :].strip(),
    )


def _nanoseconds(seconds: str) -> int:
    whole, _, fraction = seconds.partition(".")
    return int(whole) * 10**9 + int(fraction.ljust(9, "0"))


def parse_frame(line: str, *, addresses: bool = False) -> list[Frame] | None:
    """The frames of one line, innermost first; None when it is no frame.

    A JIT's line may hold several, `caller->inlined`. Frames without a symbol are called after their module, as
    flamegraph.pl's users know them, with the address when `addresses` is set.
    """
    address, _, text = line.strip().partition(" ")
    if _ADDRESS.fullmatch(address) is None or "\0" in text:
        return None
    symbol, module = _symbol_and_module(text.strip())
    name = module.rpartition("/")[2]
    kind = _kind(module, name)
    if kind is FrameKind.KERNEL and _KERNEL_CORE.fullmatch(module):
        shown = KERNEL_MODULE
    else:
        shown = "" if name in (UNKNOWN, INLINED_MODULE) else name
    symbol = _OFFSET.sub("", symbol)
    parts = [part for part in symbol.split("->") if part] if kind is FrameKind.JIT else []
    frames = [_frame(part, address if addresses else "", name, shown, kind) for part in parts or [symbol]]
    return [frames[0], *(frame._replace(kind=FrameKind.INLINED) for frame in frames[1:])][::-1]


def _frame(symbol: str, address: str, module: str, shown: str, kind: FrameKind) -> Frame:
    if symbol and symbol != UNKNOWN:
        return Frame(symbol, kind, shown)
    known = module if module and module != UNKNOWN else UNKNOWN[1:-1]
    name = f"[{known} <{address}>]" if address and symbol else f"[{known}]"
    if not symbol or known == UNKNOWN[1:-1]:
        kind = FrameKind.PLACEHOLDER
    return Frame(name, kind, shown)


def _symbol_and_module(text: str) -> tuple[str, str]:
    body = text.removesuffix(_DELETED) + ")" if text.endswith(_DELETED) else text
    if not body.endswith(")"):
        return body, ""
    start = body.rfind(" (")
    if start < 0:
        return ("", body[1:-1]) if body.startswith("(") else (body, "")
    return body[:start].rstrip(), body[start + 2 : -1]


def _kind(module: str, name: str) -> FrameKind:
    if module == INLINED_MODULE:
        return FrameKind.INLINED
    if _JIT_MODULE.fullmatch(name):
        return FrameKind.JIT
    bracketed = module.startswith("[") and module not in _USER_BRACKETS
    if bracketed or _KERNEL_CORE.fullmatch(module) or _KERNEL_FILE.fullmatch(name):
        return FrameKind.KERNEL
    return FrameKind.NATIVE


def parse_source(line: str) -> tuple[str, int] | None:
    """File and line that `-F +srcline` prints below a frame; ("", 0) where perf found none and printed an address."""
    if _NO_SOURCE.fullmatch(line):
        return "", 0
    match = _SOURCE.fullmatch(line)
    return (match["file"], int(match["line"])) if match else None


def parse_comment(line: str) -> tuple[str, str] | None:
    """Key and value of a header comment: `# hostname : db1`."""
    match = _COMMENT.match(line)
    return (match["key"], match["value"].rstrip()) if match else None
