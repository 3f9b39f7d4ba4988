"""A host with 100,000 processes: the agent starts, beats and begins to record as on any other."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROCESSES = 100_000
ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can put another /proc into a mount namespace")
def test_100000_processes_cost_the_agent_little_time_and_memory(tmp_path: Path) -> None:
    command = ["unshare", "-m", sys.executable, "-m", "tests.agent.fake_proc", str(tmp_path), str(PROCESSES)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    assert found["processes"] == PROCESSES + 1
    assert found["start"]["cpu_s"] < 0.5  # MAX_LOOK_S and the sorting
    assert found["first heartbeat"]["cpu_s"] < 5  # under the interval of heartbeats
    assert found["next ten heartbeats"]["cpu_s"] < 0.1  # looks at processes again when it can afford to
    assert found["process table"]["memory_mb"] < 50
