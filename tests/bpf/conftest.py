"""Workloads compiled once; a loud skip where the machine can't record."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from profiler.agent.checks.capabilities import recording_blocker
from profiler.agent.unwind import refresher
from tests.bpf.harness import PATIENCE_S

WORKLOADS = Path(__file__).parent.parent / "workloads"
CFLAGS = ("-O1", "-pthread", "-fno-omit-frame-pointer", "-mno-omit-leaf-frame-pointer", "-fno-optimize-sibling-calls")

Build = Callable[[str], Path]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    blocker = recording_blocker()
    for item in items:
        if item.get_closest_marker("bpf"):
            item.add_marker(pytest.mark.skipif(bool(blocker), reason=f"this machine can't record: {blocker}"))


@pytest.fixture(autouse=True)
def _recordings_wait_for_their_unwind_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    """However busy the machine: what they claim of stacks is about those with tables."""
    monkeypatch.setattr(refresher, "MAX_WAIT_FOR_PARSING_S", PATIENCE_S)


@pytest.fixture(scope="session")
def build(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """Compiles a workload by name; each once a session."""
    directory = tmp_path_factory.mktemp("workloads")

    def compile_once(name: str) -> Path:
        binary = directory / name
        if not binary.exists():
            subprocess.run(["gcc", *CFLAGS, "-o", binary, WORKLOADS / f"{name}.c"], check=True)
        return binary

    return compile_once
