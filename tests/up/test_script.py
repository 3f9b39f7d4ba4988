"""script/up's checks of the machine: each refusal says what to do. Run for real, with less than the script needs."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LIBRARIES = (
    "source script/lib/say.sh; source script/lib/machine.sh; source script/lib/debian.sh; source script/lib/venv.sh; "
)
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: drops rights for one command")


def bash(code: str, *before: str) -> "subprocess.CompletedProcess[str]":
    command = [*before, "bash", "-euo", "pipefail", "-c", LIBRARIES + code]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)


@needs_root
def test_without_root_it_says_how_to_get_it() -> None:
    # Through bash's standard input: the checkout may be closed to other users.
    text = (ROOT / "script/lib/say.sh").read_text() + (ROOT / "script/lib/machine.sh").read_text() + "\nrequire_root\n"
    drop = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "bash"]
    run = subprocess.run(drop, input=text, cwd="/", capture_output=True, text=True)
    assert run.returncode == 1
    assert "not root" in run.stderr
    assert "sudo" in run.stderr


def test_another_architecture_is_refused_by_name() -> None:
    run = bash("require_architecture", "setarch", "i686")
    assert run.returncode == 1
    assert "this machine is i686" in run.stderr


def test_this_architecture_is_accepted() -> None:
    assert bash("require_architecture").returncode == 0


@needs_root
def test_a_kernel_that_gives_no_bpf_is_a_warning_and_not_the_end() -> None:
    run = bash('warn_without_bpf "$(find_python)"; echo went on', "setpriv", "--bounding-set=-all", "--inh-caps=-all")
    assert run.returncode == 0
    assert "no BPF (Operation not permitted): everything but recording will work" in run.stdout
    assert "went on" in run.stdout


@needs_root
@pytest.mark.bpf
def test_a_kernel_with_bpf_is_no_warning() -> None:
    assert bash('warn_without_bpf "$(find_python)"').stdout == ""


def test_packages_that_are_there_need_no_network_and_no_root() -> None:
    assert bash("install_packages why bash coreutils; PATH=/nowhere").stdout == ""


def test_another_distribution_is_told_what_to_install_by_hand() -> None:
    run = bash("require_by_hand recording python3-bpfcc no-such-program")
    assert run.returncode == 1
    assert "no-such-program" in run.stderr
    assert "Fedora: python3-bcc bcc elfutils-libs redis" in run.stderr


def test_a_virtual_environment_is_compiled_once_and_one_of_another_place_is_not_taken_for_ours(tmp_path: Path) -> None:
    subprocess.run(["/usr/bin/python3", "-m", "venv", str(tmp_path / "old" / ".venv")], check=True)
    libraries = f"cd {tmp_path}/old; usable_venv /usr/bin/python3 && echo usable; "
    assert bash(libraries + f"mv {tmp_path}/old {tmp_path}/new").stdout == "usable\n"
    assert bash(f"cd {tmp_path}/new; usable_venv /usr/bin/python3 || echo moved").stdout == "moved\n"
    package = tmp_path / "new" / ".venv" / "lib" / "package"
    package.mkdir()
    (package / "whole.py").touch()
    (package / "for_another_python.py").write_text("print 1")
    assert bash(f"cd {tmp_path}/new; compile_venv server.txt").returncode == 0
    (compiled,) = (package / "__pycache__").iterdir()
    compiled.unlink()
    assert bash(f"cd {tmp_path}/new; compile_venv server.txt").returncode == 0
    assert not compiled.exists(), "once is enough"


@pytest.mark.parametrize("lock", ["agent", "server", "dev"])
def test_a_lock_file_names_hashes_and_no_address(lock: str) -> None:
    text = (ROOT / "requirements" / f"{lock}.txt").read_text()
    pins = [line for line in text.splitlines() if "==" in line]
    assert len(pins) > 30
    assert text.count("--hash=sha256:") >= len(pins)
    assert "://" not in text
    assert "index-url" not in text


def test_every_lock_file_has_the_versions_that_were_tested() -> None:
    def pins(lock: str) -> set[str]:
        lines = (ROOT / "requirements" / f"{lock}.txt").read_text().splitlines()
        return {line.split()[0] for line in lines if "==" in line}

    assert pins("agent") < pins("server") < pins("dev")
