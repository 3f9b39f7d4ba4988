"""Who owns a file, as dpkg's lists say."""

import os
from pathlib import Path

import pytest

from profiler.agent.packages import PackageOwners
from profiler.agent.unnamed_modules import UnnamedModules
from profiler.core.frame import Frame, FrameKind
from profiler.core.quality import ModuleFacts


@pytest.fixture
def info(tmp_path: Path) -> Path:
    (tmp_path / "libc6:amd64.list").write_text("/.\n/lib\n/lib/x86_64-linux-gnu/libc.so.6\n")
    (tmp_path / "bash.list").write_text("/.\n/bin\n/bin/bash\n/usr/share/doc/bash\n")
    return tmp_path


def test_a_file_belongs_to_the_package_that_lists_it(info: Path) -> None:
    found = PackageOwners(info).of(["/bin/bash", "/usr/local/bin/own"])
    assert found == {"/bin/bash": "bash"}


def test_directories_that_were_merged_into_usr_are_the_same_place(info: Path) -> None:
    assert PackageOwners(info).of(["/usr/lib/x86_64-linux-gnu/libc.so.6"]) == {
        "/usr/lib/x86_64-linux-gnu/libc.so.6": "libc6"
    }


def test_a_part_of_a_listed_path_is_not_the_file(info: Path) -> None:
    assert PackageOwners(info).of(["/bin", "/usr/share/doc", "/bin/bas"]) == {"/bin": "bash"}


def test_lists_are_read_again_only_after_they_have_changed(info: Path) -> None:
    owners = PackageOwners(info)
    assert owners.of(["/opt/new"]) == {}
    before = info.stat().st_mtime_ns
    (info / "new.list").write_text("/opt/new\n")
    os.utime(info, ns=(before, before))
    assert owners.of(["/opt/new"]) == {}
    os.utime(info, ns=(before, before + 1))
    assert owners.of(["/opt/new"]) == {"/opt/new": "new"}


def test_a_host_without_dpkg_knows_no_packages(tmp_path: Path) -> None:
    assert PackageOwners(tmp_path / "none").of(["/bin/bash"]) == {}


def test_a_modules_file_is_found_while_its_process_lives(info: Path) -> None:
    """This process maps the C library; the list names it by the older path."""
    name = next(line.split()[-1] for line in Path("/proc/self/maps").read_text().splitlines() if "libc.so.6" in line)
    (info / "c.list").write_text(f"{name}\n")
    modules = UnnamedModules(PackageOwners(info))
    modules.note(2**22, Frame("libc.so.6+0x1", FrameKind.NATIVE, "libc.so.6", "ab", 1))  # gone
    assert modules.facts(packages=True) == (ModuleFacts("libc.so.6", "ab"),)
    modules.note(os.getpid(), Frame("libc.so.6+0x1", FrameKind.NATIVE, "libc.so.6", "ab", 1))
    assert modules.facts() == (ModuleFacts("libc.so.6", "ab"),)
    (facts,) = modules.facts(packages=True)
    assert facts in (ModuleFacts("libc.so.6", "ab", "c", "dpkg"), ModuleFacts("libc.so.6", "ab", "libc6", "dpkg"))


def test_code_without_a_file_has_nothing_to_look_for() -> None:
    modules = UnnamedModules()
    modules.note(os.getpid(), Frame("[kernel]+0x1", FrameKind.KERNEL, "[kernel]", "", 1))
    modules.note(os.getpid(), Frame("[anonymous code]", FrameKind.JIT, "[anon]"))
    assert modules.facts() == ()
