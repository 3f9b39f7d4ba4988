"""Killed at any moment, the store has what it acknowledged and what nobody deleted, once."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from django.db import connection

from tests.agent.servers import ROOT

# Enough for each who works to be killed some times; `python -m tests.store.crash_site 50 1 embedded` measures more.
KILLS = {"embedded": 25, "clickhouse": 25, "s3": 12}
# In processes of its own. Where segments are is nothing to the catalog: one of the two is enough on each database.
EACH = [pytest.param(name, marks=() if name == "s3" else pytest.mark.database) for name in KILLS]


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    """With an empty database of its own: a catalog says of one store what that store has."""
    own = {"WEBPROF_DATA": str(tmp_path), "DJANGO_SETTINGS_MODULE": "webprof.settings"}
    if connection.vendor == "sqlite":
        yield os.environ | own | {"DATABASE_URL": f"sqlite:///{tmp_path}/webprof.sqlite3"}
        return
    server, name = os.environ["DATABASE_URL"], f"crash_{uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
        yield os.environ | own | {"DATABASE_URL": f"{server.rpartition('/')[0]}/{name}"}
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.parametrize("backend", EACH)
def test_what_was_acknowledged_survives_kills_and_counts_once(environment: dict[str, str], backend: str) -> None:
    run = [sys.executable, "-m", "tests.store.crash_site", str(KILLS[backend]), "1", backend]
    done = subprocess.run(run, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr[-3000:]
    result = json.loads(done.stdout)
    assert result["died by themselves"] == 0, done.stderr[-3000:]
    assert result["acknowledged"] > KILLS[backend]
    assert result["segments"] > 0
    assert result["deleted"] > 0
    # Some 8 of 25 kills hit who sends batches, most of them amid one: how many is chance.
    assert backend != "clickhouse" or result["killed amid a batch"] > 0
    wrong = {name: result[name] for name in ("lost", "doubled", "came back", "wrong sums", "damage")}
    assert wrong == dict.fromkeys(wrong, 0), result
