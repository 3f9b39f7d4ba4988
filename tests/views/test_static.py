"""Static files as an installation serves them: gathered once, named by content."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
IMPORT = re.compile(r"""^(?:import|export)\b[^'";]*["'](\.[^"']+)["'];""", re.MULTILINE)
LATER = re.compile(r"""^[^*/\n]*\b(?:import|new URL)\("(\.[^"]+\.js)\"""", re.MULTILINE)


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("data")
    command = [sys.executable, str(ROOT / "manage.py"), "collectstatic", "--noinput", "-v0"]
    environment = os.environ | {"WEBPROF_DATA": str(data), "DJANGO_SETTINGS_MODULE": "webprof.settings"}
    subprocess.run(command, check=True, env=environment, capture_output=True)
    return data / "static"


def test_every_module_imports_files_by_their_hashed_names(collected: Path) -> None:
    names = json.loads((collected / "staticfiles.json").read_text())["paths"]
    modules = [name for name in names if name.startswith("js/") and name.endswith(".js")]
    assert "js/pages/shell.js" in modules
    later = 0
    for module in modules:
        served = collected / names[module]
        code = served.read_text()
        later += len(LATER.findall(code))
        for target in IMPORT.findall(code) + LATER.findall(code):
            path = (served.parent / target).resolve()
            assert path.exists(), f"{module} imports {target}, which is not served"
            assert re.search(r"\.[0-9a-f]{12}\.js$", path.name), f"{module} imports {target} without a hash"
    assert later > 0


def test_big_files_are_also_there_compressed(collected: Path) -> None:
    assert list(collected.glob("js/ui/profile-view.*.js.gz"))
