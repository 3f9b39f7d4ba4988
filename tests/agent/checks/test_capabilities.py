"""What is missing is told with a reason and a fix."""

import subprocess
import sys
from pathlib import Path

import pytest

from profiler.agent.checks import capabilities
from profiler.agent.kernel import bcc_binding
from profiler.agent.kernel.bcc_binding import BindingError, load_bcc
from profiler.core.inventory import Capability

ROOT = Path(__file__).parents[3]


def by_name() -> dict[str, Capability]:
    return {item.name: item for item in capabilities.capabilities()}


def test_a_missing_thing_has_a_reason_and_a_fix_and_stops_the_probe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    found = by_name()
    assert not found["machine"].available
    assert "riscv64" in found["machine"].reason
    assert not found[capabilities.CPU].available
    assert found[capabilities.CPU].reason == found["machine"].reason
    assert "x86_64" in capabilities.recording_blocker()


def test_what_is_available_has_neither_reason_nor_fix() -> None:
    assert all((item.reason, item.fix) == ("", "") for item in by_name().values() if item.available)


def test_without_bcc_it_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delitem(sys.modules, "bcc", raising=False)
    monkeypatch.setattr(bcc_binding, "_SITE_DIRECTORIES", (str(tmp_path),))
    with pytest.raises(BindingError, match="apt install python3-bpfcc"):
        load_bcc()
    assert not by_name()["bcc"].available
    assert "python3-bpfcc" in by_name()["bcc"].fix


def test_a_broken_binding_is_told_apart_from_a_missing_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    package = tmp_path / "bcc"
    package.mkdir()
    (package / "libbcc.py").touch()
    (package / "__init__.py").write_text("import nothing_of_this_name\n")
    monkeypatch.delitem(sys.modules, "bcc", raising=False)
    monkeypatch.setattr(bcc_binding, "_SITE_DIRECTORIES", (str(tmp_path),))
    with pytest.raises(BindingError, match=r"can't be loaded by Python .*nothing_of_this_name"):
        load_bcc()
    assert "bcc" not in sys.modules


def test_importing_bcc_brings_no_other_package_of_the_distribution() -> None:
    code = (
        "import sys; before = list(sys.path); from profiler.agent.kernel.bcc_binding import load_bcc, find_package\n"
        "if find_package() is None: print('no bcc'); sys.exit()\n"
        "load_bcc(); print(sys.path == before)"
    )
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout.strip() in ("True", "no bcc")


def test_an_ordinary_user_is_told_to_be_root() -> None:
    code = "from profiler.agent.checks.capabilities import recording_blocker; print(recording_blocker())"
    drop = ["setpriv", "--reuid=65534", "--clear-groups", "--bounding-set=-all", "--inh-caps=-all"]
    result = subprocess.run([*drop, sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    if result.returncode:
        pytest.skip(f"privileges can't be dropped here: {result.stderr[-300:]}")
    assert "run as root" in result.stdout


def test_an_old_kernel_is_told_what_it_lacks_for_whole_stacks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.release", lambda: "5.10.0-21-amd64")
    monkeypatch.setattr(capabilities, "kernel_offsets", dict)
    found = by_name()
    assert "5.10.0-21-amd64" in found["whole stacks"].reason
    assert "5.15" in found["whole stacks"].fix
    assert "6.1" in found["stacks of new processes"].fix
    assert found[capabilities.CPU].available == (not capabilities.recording_blocker())
