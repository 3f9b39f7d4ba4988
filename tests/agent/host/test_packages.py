"""Who owns a file, as dpkg, rpm and apk say."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from profiler.agent.host.package_databases import Apk, Dpkg, Rpm
from profiler.agent.host.packages import Owner, PackageOwners
from profiler.agent.sampling.unnamed_modules import UnnamedModules
from profiler.core.frame import Frame, FrameKind
from profiler.core.quality import ModuleFacts


@pytest.fixture
def info(tmp_path: Path) -> Path:
    (tmp_path / "libc6:amd64.list").write_text("/.\n/lib\n/lib/x86_64-linux-gnu/libc.so.6\n")
    (tmp_path / "bash.list").write_text("/.\n/bin\n/bin/bash\n/usr/share/doc/bash\n")
    return tmp_path


def test_a_file_belongs_to_the_package_that_lists_it(info: Path) -> None:
    found = PackageOwners((Dpkg(info),)).of(["/bin/bash", "/usr/local/bin/own"])
    assert found == {"/bin/bash": Owner("bash", "dpkg")}


def test_directories_that_were_merged_into_usr_are_the_same_place(info: Path) -> None:
    assert PackageOwners((Dpkg(info),)).of(["/usr/lib/x86_64-linux-gnu/libc.so.6"]) == {
        "/usr/lib/x86_64-linux-gnu/libc.so.6": Owner("libc6", "dpkg")
    }


def test_a_part_of_a_listed_path_is_not_the_file(info: Path) -> None:
    assert PackageOwners((Dpkg(info),)).of(["/bin", "/usr/share/doc", "/bin/bas"]) == {"/bin": Owner("bash", "dpkg")}


def test_lists_are_read_again_only_after_they_have_changed(info: Path) -> None:
    owners = PackageOwners((Dpkg(info),))
    assert owners.of(["/opt/new"]) == {}
    before = info.stat().st_mtime_ns
    (info / "new.list").write_text("/opt/new\n")
    os.utime(info, ns=(before, before))
    assert owners.of(["/opt/new"]) == {}
    os.utime(info, ns=(before, before + 1))
    assert owners.of(["/opt/new"]) == {"/opt/new": Owner("new", "dpkg")}


def test_a_host_without_dpkg_knows_no_packages(tmp_path: Path) -> None:
    assert PackageOwners((Dpkg(tmp_path / "none"),)).of(["/bin/bash"]) == {}


SPEC = """
Name: {name}
Version: 1
Release: 1
Summary: for a test
License: none
BuildArch: noarch
AutoReqProv: no
%description
%install
for file in {files}; do mkdir -p %{{buildroot}}/$(dirname $file); touch %{{buildroot}}/$file; done
%files
{lines}
"""


@pytest.fixture(scope="module")
def rpm(tmp_path_factory: pytest.TempPathFactory) -> Rpm:
    """A real database with two packages, one of which is named in the words of a sentence."""
    if not shutil.which("rpmbuild"):
        pytest.skip("rpm is not installed")
    top = tmp_path_factory.mktemp("rpm")
    command = ("rpm", "--dbpath", str(top / "db"))
    for name, files in {"glibc": ["/lib64/libc.so.6", "/etc/x"], "not-owned": ["/usr/bin/ab", "/opt/tool"]}.items():
        spec = top / f"{name}.spec"
        quoted = " ".join(files)
        spec.write_text(SPEC.format(name=name, files=quoted, lines="\n".join(files)))
        subprocess.run(
            ["rpmbuild", "--quiet", "--define", f"_topdir {top}", "-bb", spec], check=True, capture_output=True
        )
        built = next((top / "RPMS").rglob(f"{name}-*.rpm"))
        subprocess.run([*command, "--install", "--justdb", "--nodeps", built], check=True)
    return Rpm((top / "db" / "rpmdb.sqlite",), command)


def test_rpm_says_whose_files_are_and_is_silent_of_others(rpm: Rpm) -> None:
    """Also of files that are not there: the database is asked, not the disk."""
    found = PackageOwners((rpm,)).of(["/lib64/libc.so.6", "/opt/tool", "/opt/other", "/etc/passwd"])
    assert found == {"/lib64/libc.so.6": Owner("glibc", "rpm"), "/opt/tool": Owner("not-owned", "rpm")}


@pytest.mark.parametrize("command", [("no-such-program",), ("false",), ("echo", "glibc\\t/opt/tool")])
def test_an_rpm_that_does_not_answer_names_no_package(tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / "rpmdb.sqlite").touch()
    assert PackageOwners((Rpm((tmp_path / "rpmdb.sqlite",), command),)).of(["/opt/tool"]) == {}


def test_a_host_without_rpms_database_does_not_run_rpm(tmp_path: Path) -> None:
    told = tmp_path / "ran"
    assert PackageOwners((Rpm((tmp_path / "none",), ("touch", str(told))),)).of(["/opt/tool"]) == {}
    assert not told.exists()


# As https://wiki.alpinelinux.org/wiki/Apk_spec describes the file.
APK = """\
C:Q1aVYyHLnJ6vAqgxVQfxLHRlzWrdA=
P:musl
V:1.2.4-r2
A:x86_64
F:lib
R:ld-musl-x86_64.so.1
a:0:0:755
Z:Q1hvrNZCJrWK8ZXnTPEtYrbJqzJ+M=
R:libc.musl-x86_64.so.1

P:busybox
F:bin
R:busybox
F:
R:linuxrc
"""


def test_apks_list_says_whose_files_are(tmp_path: Path) -> None:
    installed = tmp_path / "installed"
    installed.write_text(APK)
    owners = PackageOwners((Apk((tmp_path / "none", installed)),))
    assert owners.of(["/lib/ld-musl-x86_64.so.1", "/usr/bin/busybox", "/linuxrc", "/lib/busybox", "/lib"]) == {
        "/lib/ld-musl-x86_64.so.1": Owner("musl", "apk"),
        "/usr/bin/busybox": Owner("busybox", "apk"),
        "/linuxrc": Owner("busybox", "apk"),
    }


def test_the_first_package_manager_that_knows_a_file_counts(info: Path, tmp_path: Path) -> None:
    installed = tmp_path / "installed"
    installed.write_text("P:other\nF:bin\nR:bash\nR:own\n")
    found = PackageOwners((Dpkg(info), Apk((installed,)))).of(["/bin/bash", "/bin/own"])
    assert found == {"/bin/bash": Owner("bash", "dpkg"), "/bin/own": Owner("other", "apk")}


def test_a_modules_file_is_found_while_its_process_lives(info: Path) -> None:
    """This process maps the C library; the list names it by the older path."""
    name = next(line.split()[-1] for line in Path("/proc/self/maps").read_text().splitlines() if "libc.so.6" in line)
    (info / "c.list").write_text(f"{name}\n")
    modules = UnnamedModules(PackageOwners((Dpkg(info),)))
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
