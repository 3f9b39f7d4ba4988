"""docs/add-a-probe.md, followed to the letter: its program, its declaration and its test."""

import re
from pathlib import Path
from typing import Any

import pytest

from profiler.agent.probes import program
from profiler.core.probe import Probe
from tests.bpf.probes import feed

pytestmark = pytest.mark.bpf

RECIPE = Path(__file__).parents[3] / "docs" / "add-a-probe.md"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", RECIPE.read_text(), re.DOTALL | re.MULTILINE)


def test_the_recipe_makes_a_probe_that_passes_its_test(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (source,) = blocks("c")
    declaration, test = blocks("python")
    (tmp_path / "program.c").write_text(source)
    declared: dict[str, Any] = {}
    exec(compile(declaration, "__init__.py", "exec"), declared)  # noqa: S102 our own documentation
    probe: Probe = declared["PROBE"]
    monkeypatch.setattr(feed, "probe_named", {probe.name: probe}.__getitem__)
    monkeypatch.setattr(program, "program_file", lambda _: str(tmp_path / "program.c"))
    tests: dict[str, Any] = {}
    exec(compile(test, "test_yields.py", "exec"), tests)  # noqa: S102
    tests["test_every_yield_is_told"]()
