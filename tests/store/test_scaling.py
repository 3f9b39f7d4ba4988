"""The table of docs/scaling.md is what its script prints from the measured costs."""

import sys

import pytest

from bench.store import scaling
from tests.agent.servers import ROOT


def test_every_figure_is_the_scripts(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["scaling"])
    scaling.main()
    printed = capsys.readouterr().out.strip()
    assert printed.count("\n") > 10
    assert printed in (ROOT / "docs" / "scaling.md").read_text()
