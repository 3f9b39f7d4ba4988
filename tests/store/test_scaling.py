"""The table of docs/scaling.md is what its script prints from the measured costs."""

import sys
from pathlib import Path

import pytest

from bench.store import scaling
from tests.agent.servers import ROOT


def test_every_figure_is_the_scripts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tmp_path / "scaling.md"
    copy.write_text(scaling.DOCUMENT.read_text())
    monkeypatch.setattr(sys, "argv", ["scaling"])
    monkeypatch.setattr(scaling, "DOCUMENT", copy)
    scaling.main()
    assert copy.read_text() == (ROOT / "docs" / "scaling.md").read_text()
    assert "of rollups, at a load of" in copy.read_text()
