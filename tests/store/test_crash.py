"""Killed at any moment, the store has what it acknowledged and what nobody deleted, once."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.agent.servers import ROOT

# In processes of its own.
pytestmark = pytest.mark.database
KILLS = {"embedded": 50, "clickhouse": 50, "s3": 25}


@pytest.mark.parametrize("backend", KILLS)
def test_what_was_acknowledged_survives_kills_and_counts_once(tmp_path: Path, backend: str) -> None:
    environment = os.environ | {"WEBPROF_DATA": str(tmp_path), "DJANGO_SETTINGS_MODULE": "webprof.settings"}
    run = [sys.executable, "-m", "tests.store.crash_site", str(KILLS[backend]), "1", backend]
    done = subprocess.run(run, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr[-3000:]
    result = json.loads(done.stdout)
    assert result["died by themselves"] == 0, done.stderr[-3000:]
    assert result["acknowledged"] > KILLS[backend]
    assert result["segments"] > 0
    assert result["deleted"] > 0
    assert backend != "clickhouse" or result["killed amid a batch"] > 3
    wrong = {name: result[name] for name in ("lost", "doubled", "came back", "wrong sums", "damage")}
    assert wrong == dict.fromkeys(wrong, 0), result
