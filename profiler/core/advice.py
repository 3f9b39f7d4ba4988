"""What a person can do about each reason in a profile's quality. Plain sentences; empty when there is nothing to do."""

from collections.abc import Sequence
from enum import StrEnum

from profiler.core.cut import EARLIER
from profiler.core.quality import ModuleFacts


class Fix(StrEnum):
    """What sort of thing would name a module's functions."""

    DEBUG_FILE = "debug file"
    KERNEL_SYMBOLS = "kernel symbols"
    RUNTIME_OPTION = "runtime option"
    NONE = "none"


_OUTCOMES = {
    "too deep": "Deeper than 127 frames, often a recursion. The innermost frames are right.",
    "process not loaded yet": "Mostly programs that had just started, from files that were met for the first time: "
    "record again. To see one whole, record it by its pid.",
    "file not parsed yet": "Its unwind table was just being made. It is kept on disk now: record again.",
    "address in no mapping": "Code that was mapped a moment before, or a jump to nowhere. Record again.",
    "code without unwind table": "Code of a just-in-time compiler, or a file without .eh_frame. Java: start it with "
    "-XX:+PreserveFramePointer. Programs of your own: compile with -fno-omit-frame-pointer, don't strip .eh_frame.",
    "function without unwind rows": "Hand-written assembler that doesn't tell how to get to its caller. "
    "In code of your own: add .cfi directives.",
    "unwind rule not followed": "An unusual way to save registers. Nothing to change; the frames shown are right.",
    "stack not readable": "The stack was paged out, or gone already. When there are many, the host is short of memory.",
    "not walked": "32-bit code, or registers that could not be read. Of a 32-bit program record the 64-bit build.",
    "frame pointers": "Here stacks can be walked along frame pointers only, which most distributions leave "
    "out: many callers may be missing. `webprof doctor` on the host says what it lacks.",
    "passed by frame pointer": "The stack reaches its entry, but on the way it passes code without unwind information "
    "by its frame pointer: if that keeps none, some of its callers are not shown. In code of your own: don't strip "
    ".eh_frame, and add .cfi directives to assembler.",
    EARLIER: "These threads were waiting already: their time counts, their user stack can't be taken any more. "
    "Record longer, or begin before they wait.",
    "not asked for": "The recording was asked for kernel stacks only.",
    "kernel only": "Kernel threads, and processes that were ending: they have no user stack.",
}
# As profiles of earlier agents have them.
_OUTCOMES |= {"cut": _OUTCOMES["too deep"], "failed": _OUTCOMES["not walked"]}

_LOST = {
    "map full": "The table of stacks in the kernel was full. Record a shorter time, or at a lower frequency.",
    "map busy": "Two CPUs met at one entry of the kernel's table. Some are normal.",
    "ring full": "The agent could not read new stacks as fast as they came: the host was very busy. "
    "Record at a lower frequency, or fewer processes.",
}

_KERNEL = (
    "The agent may not read the kernel's addresses. On the host: sysctl kernel.kptr_restrict=1, "
    "and give an agent in a container the capability SYSLOG."
)
_ANONYMOUS = (
    "Code that a program made itself and has no names for. Node.js: start it with --perf-basic-prof. Java 17 and "
    "later: the agent asks for names by itself. Others: let them write /tmp/perf-PID.map."
)
_SPECIAL = {
    "[kernel]": (Fix.KERNEL_SYMBOLS, _KERNEL),
    "[anon]": (Fix.RUNTIME_OPTION, _ANONYMOUS),
    "[unmapped]": (Fix.NONE, "Addresses in no mapping: broken stacks, or code that was unloaded meanwhile."),
    "[unknown]": (Fix.NONE, "The imported file has no name for them."),
}

# By who packaged it. Debian, Ubuntu; Fedora, RHEL 8 and later, openSUSE; Alpine.
_DEBUG_SUFFIXES = {"dpkg": "-dbgsym", "rpm": "-debuginfo", "apk": "-dbg"}


def for_outcome(outcome: str) -> str:
    return _OUTCOMES.get(outcome, "")


def for_loss(cause: str) -> str:
    return _LOST.get(cause, "")


def for_module(module: str, facts: Sequence[ModuleFacts]) -> tuple[Fix, str]:
    """What would name this module's functions; `facts` are those of this module."""
    if special := _SPECIAL.get(module):
        return special
    sentences = ["Its symbols were left out when it was built or packaged."]
    packages = sorted({debug for one in facts if (debug := debug_package(one))})
    if packages:
        sentences.append(f"Install {' or '.join(packages)} on the host (usual names, not looked up) and record again.")
    if any(one.build_id for one in facts):
        give = "Or give" if packages else "Give"
        sentences.append(f"{give} the server its debug file, which the build id tells from others.")
    elif facts:
        sentences.append("It has no build id, so no debug file can be matched: use a build that is not stripped.")
    else:
        sentences.append("Use a build with symbols, or put its debug file beside it.")
    return Fix.DEBUG_FILE, " ".join(sentences)


def debug_package(facts: ModuleFacts) -> str:
    """How the package with the debug symbols is usually called; empty when not known."""
    if not facts.package or facts.packager not in _DEBUG_SUFFIXES:
        return ""
    if (facts.packager, facts.package) == ("dpkg", "libc6"):
        return "libc6-dbg"
    return facts.package + _DEBUG_SUFFIXES[facts.packager]
