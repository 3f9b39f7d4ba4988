"""What is remembered of mappings: bounded, however many processes come and go."""

import os
import subprocess

import pytest

from profiler.agent.counts import online_cpus
from profiler.agent.symbols import mapping_events
from profiler.agent.symbols.mapping_events import MappingEvents

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root may follow the mappings of all processes")


def pid_of_a_process_that_is_gone() -> int:
    process = subprocess.Popen(["true"])
    process.wait()
    return process.pid


def test_the_processes_that_did_something_longest_ago_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mapping_events, "MAX_KEPT", 40)
    events = MappingEvents(online_cpus())
    try:
        first = pid_of_a_process_that_is_gone()
        assert events.maps(first) is not None
        for _ in range(20):
            last = pid_of_a_process_that_is_gone()
        assert events.maps(last) is not None
        assert events.maps(first) is None
        assert sum(1 + len(records) for records in events._processes.values()) <= 40
    finally:
        events.close()
