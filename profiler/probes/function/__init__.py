"""Calls of any function of a program."""

from profiler.core.probe import Choice, Emits, Probe, Text
from profiler.probes.chosen import program_file

PROBE = Probe(
    name="function",
    title="Any function",
    about="Which code calls a function of a program or library that you name: each call, or return, counts one. "
    "Each costs the program some microseconds, so name none that is called a million times a second.",
    emits=Emits.STACKS,
    needs=(),
    at_places=True,
    cost_ns=16_000,
    unit="calls",
    parameters=(
        program_file("/usr/lib/x86_64-linux-gnu/libc.so.6"),
        Text(
            "function",
            "Function",
            "As the file's symbols name it.",
            r"[^\0\s]{1,1000}",
            "a function's name without spaces",
            "getaddrinfo",
        ),
        Choice("at", "At", "Where it begins, or when it returns to who called it.", ("call", "return"), "call"),
    ),
)
