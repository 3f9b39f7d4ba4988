"""Probes that a program's authors put into it (USDT)."""

from profiler.core.probe import Emits, Probe, Text
from profiler.probes.chosen import program_file

PROBE = Probe(
    name="usdt",
    title="USDT probe",
    about="Which code passes a probe that a program's authors put there (USDT), such as those of databases and "
    "interpreters: each time counts one.",
    emits=Emits.STACKS,
    needs=(),
    at_places=True,
    cost_ns=1_200,
    unit="events",
    parameters=(
        program_file("/usr/bin/python3"),
        Text(
            "name",
            "Probe",
            "Its provider and name.",
            r"[^\0\s:]{1,200}:[^\0\s]{1,200}",
            "provider:name, such as python:gc__start",
            "python:gc__start",
        ),
    ),
)
