"""docs/architecture.md, enforced: who may import whom, what stays pure, and how long a module may be."""

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sorted(path for package in ("profiler", "webprof") for path in (ROOT / package).rglob("*.py"))
SCRIPTS = sorted((ROOT / "static" / "js").rglob("*.js"))

# Longest prefix wins. A module under none of these belongs to `edge` (profiler) or `project` (webprof).
LAYERS = {
    "profiler.core": "core",
    "profiler.formats": "formats",
    "profiler.debuginfo": "debuginfo",
    "profiler.probes": "probes",
    "profiler.agent": "agent",
    "profiler.store": "store",
    "profiler.models": "models",
    "profiler.migrations": "models",
    "profiler.bpftrace": "services",
    "profiler.catalog": "services",
    "profiler.jobs": "services",
    "profiler.checkups": "services",
    "profiler.fleet": "services",
    "profiler.ingest": "services",
    "profiler.notes": "services",
    "profiler.query": "services",
    "profiler.sharing": "services",
    "profiler.debugfiles": "services",
    "profiler.access": "server base",
    "profiler.errors": "server base",
    "profiler.events": "server base",
    "profiler.heartbeats": "server base",
    "profiler.received": "server base",
    "profiler.streams": "server base",
    "profiler": "edge",
    "webprof": "project",
    "webprof.env": "environment",
    "webprof.secrets": "environment",
    "webprof.up": "up",
    "webprof.cli": "cli",
    "webprof.cli.agent": "host cli",
    "webprof.cli.profile": "host cli",
    "webprof.cli.doctor": "host cli",
}
SERVER = {"core", "formats", "probes", "store", "debuginfo", "models", "server base", "services"}
MAY_IMPORT = {
    "core": {"core"},
    "formats": {"core", "formats"},
    "debuginfo": {"core", "debuginfo"},
    "probes": {"core", "probes"},
    "agent": {"core", "debuginfo", "probes", "agent", "environment"},
    "store": {"core", "store"},
    "models": {"core", "models"},
    "server base": {"core", "models", "server base", "environment"},
    "services": SERVER | {"environment"},
    "edge": SERVER | {"edge", "environment"},
    "project": SERVER | {"edge", "project", "environment"},
    "environment": {"environment"},
    "up": {"core", "environment", "up"},
    "cli": {"core", "environment", "up", "cli"},
    "host cli": {"core", "formats", "probes", "agent", "environment", "cli", "host cli"},
}
NO_DJANGO = {"core", "formats", "probes", "store", "debuginfo", "agent", "environment", "up", "cli", "host cli"}
SERVER_LIBRARIES = {"django", "channels", "channels_redis", "ninja", "django_celery_beat", "dj_database_url"}
PURE = {"core", "formats", "probes"}
PURE_LIBRARIES = {"numpy", "msgpack", "msgspec", "google", "zstandard", "pydantic", "pydantic_core", "annotated_types"}
IMPURE_STDLIB = {
    "asyncio", "http", "logging", "multiprocessing", "os", "pathlib", "random", "secrets", "shutil", "signal", "socket",
    "subprocess", "tempfile", "threading", "time", "urllib",
}  # fmt: skip

MAX_LINES = 300
# Path → why it is longer, and must be.
LONGER: dict[str, str] = {}


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def layer(module: str) -> str:
    parts = module.split(".")
    prefixes = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next(LAYERS[prefix] for prefix in prefixes if prefix in LAYERS)


@cache
def imports(path: Path) -> frozenset[str]:
    """Every module that the file imports, wherever it does; relative imports made absolute."""
    return frozenset(_imports(path))


def _imports(path: Path) -> Iterator[str]:
    package = module_name(path).split(".")
    if path.name != "__init__.py":
        package = package[:-1]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            origin = ".".join([*base, *filter(None, [node.module])])
            # `from profiler import events` imports profiler.events, not all of profiler.
            yield from (
                f"{origin}.{alias.name}" if _is_module(f"{origin}.{alias.name}") else origin for alias in node.names
            )


def _is_module(name: str) -> bool:
    path = ROOT.joinpath(*name.split("."))
    return path.with_suffix(".py").exists() or path.is_dir()


def ours(name: str) -> bool:
    return name.partition(".")[0] in ("profiler", "webprof")


def wrong_imports(path: Path) -> list[str]:
    """What the file may not import: its layer forbids it, or purity does."""
    mine = layer(module_name(path))
    wrong = []
    for name in sorted(imports(path)):
        top = name.split(".")[0]
        if ours(name):
            if layer(name) not in MAY_IMPORT[mine]:
                wrong.append(f"{mine} imports {name} ({layer(name)})")
        elif mine in NO_DJANGO and top in SERVER_LIBRARIES:
            wrong.append(f"{mine} imports {name}: no server library there")
        elif mine in PURE and not _pure(top):
            wrong.append(f"{mine} imports {name}: not pure")
    return wrong


def _pure(top: str) -> bool:
    return top in PURE_LIBRARIES or (top in sys.stdlib_module_names and top not in IMPURE_STDLIB)


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", PYTHON, ids=relative)
def test_a_module_imports_only_what_its_layer_may(path: Path) -> None:
    assert not wrong_imports(path)


# ── the browser's side ──────────────────────────────────────────────────────────────────────────────────────────────
SCRIPT_LAYERS = ("core", "render", "ui", "pages")
SCRIPT_IMPORT = re.compile(
    r"""^\s*(?:import|export)\b[^;'"=(]*?\bfrom\s*['"]([^'"]+)['"]|^\s*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]""",
    re.MULTILINE,
)
COMMENTS = re.compile(r"/\*.*?\*/|(?<!:)//[^\n]*", re.DOTALL)
STRINGS = re.compile(r"""'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*\"""")
# The page and everything that reaches out of it: core is arithmetic on what it is given, and runs in node.
PAGE = re.compile(
    r"(?<![\w.#$-])(document|window|navigator|location|localStorage|sessionStorage|fetch|WebSocket)\b(?!\s*:)"
)


def script_layer(path: Path) -> int:
    return SCRIPT_LAYERS.index(path.relative_to(ROOT / "static" / "js").parts[0])


def script_imports(path: Path) -> list[str]:
    code = COMMENTS.sub("", path.read_text())
    return ["".join(found) for found in SCRIPT_IMPORT.findall(code)]


@pytest.mark.parametrize("path", SCRIPTS, ids=relative)
def test_a_script_imports_only_its_own_layer_and_those_below(path: Path) -> None:
    for target in script_imports(path):
        assert target.startswith("."), f"{target}: only our own modules, by relative path"
        found = (path.parent / target).resolve()
        assert found.exists(), f"{target} does not exist"
        assert script_layer(found) <= script_layer(path), f"{SCRIPT_LAYERS[script_layer(path)]} imports {target}"


@pytest.mark.parametrize("path", [path for path in SCRIPTS if script_layer(path) == 0], ids=relative)
def test_core_scripts_never_touch_the_page(path: Path) -> None:
    code = STRINGS.sub("''", COMMENTS.sub("", path.read_text()))
    assert not PAGE.findall(code)


# `collectstatic` puts a hash of the content into names and follows what looks like an import, in comments too.
MENTIONED = re.compile(r"""(?:\bfrom\s*|\bimport\s*\(?\s*)['"](\.[^'"]+)['"]""")


def test_scripts_form_no_cycle_not_even_in_their_type_comments() -> None:
    graph = {path: {(path.parent / name).resolve() for name in MENTIONED.findall(path.read_text())} for path in SCRIPTS}
    try:
        tuple(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(" → ".join(relative(path) for path in error.args[1]))


# ── size ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def sized_files() -> list[Path]:
    folders = ("profiler", "webprof", "static", "tests", "bench", "script")
    suffixes = {".py", ".js", ".css", ".c", ".h", ".sh"}
    found = (path for folder in folders for path in (ROOT / folder).rglob("*") if path.suffix in suffixes)
    return sorted(path for path in found if "migrations" not in path.parts and "node_modules" not in path.parts)


def test_no_module_is_longer_than_it_should_be() -> None:
    sizes = {relative(path): len(path.read_text().splitlines()) for path in sized_files()}
    assert {name: size for name, size in sizes.items() if size > MAX_LINES and name not in LONGER} == {}
    assert [name for name in LONGER if sizes.get(name, 0) <= MAX_LINES] == [], "no longer an exception"


# ── that the checks themselves can fail ─────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("profiler/core/x.py", "import django.db"),
        ("profiler/core/x.py", "import time"),
        ("profiler/core/x.py", "from profiler.formats import folded"),
        ("profiler/formats/x.py", "from pathlib import Path"),
        ("profiler/debuginfo/x.py", "from profiler.agent import processes"),
        ("profiler/agent/x.py", "from profiler.models import Host"),
        ("profiler/agent/x.py", "def f():\n    from django.conf import settings"),
        ("profiler/jobs/x.py", "from profiler.agent.recorder import Recorder"),
        ("profiler/store/x.py", "from profiler.models import StoreHot"),
        ("profiler/store/x.py", "from django.db import transaction"),
        ("profiler/jobs/x.py", "from ..views import pages"),
        ("profiler/views/x.py", "from profiler.agent import recorder"),
        ("webprof/cli/doctor.py", "from profiler.models import Host"),
    ],
)
def test_a_forbidden_import_is_found(place: str, line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    path = tmp_path / place
    path.parent.mkdir(parents=True)
    path.write_text(line + "\n")
    assert wrong_imports(path)
