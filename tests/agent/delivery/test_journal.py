"""The journal of runs: what a restarted agent must know."""

import json
from pathlib import Path

from profiler.agent.delivery.journal import MAX_KNOWN_RUNS, RunJournal


def test_a_run_that_ended_is_known_and_not_interrupted(tmp_path: Path) -> None:
    journal = RunJournal(tmp_path / "runs.json")
    journal.begin("run-1")
    assert journal.current == "run-1"
    journal.end()
    again = RunJournal(tmp_path / "runs.json")
    assert again.knows("run-1")
    assert again.interrupted is None


def test_a_run_that_never_ended_was_interrupted(tmp_path: Path) -> None:
    RunJournal(tmp_path / "runs.json").begin("run-1")
    assert RunJournal(tmp_path / "runs.json").interrupted == "run-1"


def test_a_refused_run_is_known_after_a_restart(tmp_path: Path) -> None:
    RunJournal(tmp_path / "runs.json").refuse("run-1")
    assert RunJournal(tmp_path / "runs.json").knows("run-1")


def test_only_so_many_runs_are_remembered(tmp_path: Path) -> None:
    known = [f"run-{number}" for number in range(MAX_KNOWN_RUNS)]
    (tmp_path / "runs.json").write_text(json.dumps({"current": None, "known": known}))
    journal = RunJournal(tmp_path / "runs.json")
    journal.refuse("one-more")
    assert not journal.knows("run-0")
    assert journal.knows("run-1")
    assert journal.knows("one-more")


def test_a_damaged_journal_starts_anew(tmp_path: Path) -> None:
    path = tmp_path / "runs.json"
    for damage in ("", "{", "[]", '{"known": 3, "current": null}'):
        path.write_text(damage)
        journal = RunJournal(path)
        assert journal.interrupted is None
        journal.begin("run-1")
        assert RunJournal(path).interrupted == "run-1"
