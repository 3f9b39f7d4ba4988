"""docs/probes.md says what the declarations say."""

from pathlib import Path

from profiler.probes.document import markdown
from profiler.probes.stacks import every_probe

PAGE = Path(__file__).parents[2] / "docs" / "probes.md"


def test_the_documentation_is_what_the_declarations_say() -> None:
    assert PAGE.read_text() == markdown(), "run `python -m profiler.probes.document > docs/probes.md`"


def test_every_probe_is_there_once() -> None:
    names = [probe.name for probe in every_probe()]
    assert names[0] == "cpu"
    assert len(set(names)) == len(names)
    assert all(PAGE.read_text().count(f"(`{name}`)") == 1 for name in names)
