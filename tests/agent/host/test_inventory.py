"""What a heartbeat says of processes, containers and the machine, compared with what is really there."""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from profiler.agent.cost.own_cost import rss_bytes
from profiler.agent.host.cgroup_cpu import CgroupCpu
from profiler.agent.host.inventory import PROCESS_SCAN_SHARE, InventoryReader
from profiler.agent.host.processes import ProcessTable, command_line, user_of
from profiler.agent.host.system import SystemReader
from profiler.agent.targets.container_names import ContainerNames
from profiler.core.groups import CONTAINER, UNIT, Group, group_of
from profiler.core.inventory import MAX_CMDLINE, MAX_PROCESSES, Agent, AgentState, Inventory
from tests.agent.servers import wait_for

ID = "0123456789abcdef" * 4
CGROUPS = Path("/sys/fs/cgroup")


def agent() -> Agent:
    return Agent(version="0", pid=os.getpid(), state=AgentState.IDLE, rss_bytes=rss_bytes(), cpu_percent=0)


def cpu_seconds(process: "subprocess.Popen[bytes]") -> float:
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_cpu_use_is_what_the_kernel_charged(spinning: "subprocess.Popen[bytes]") -> None:
    table = ProcessTable()
    wait_for(lambda: cpu_seconds(spinning) > 0.2, "some work")
    table.scan()
    began, cpu_s = time.monotonic(), cpu_seconds(spinning)
    wait_for(lambda: cpu_seconds(spinning) - cpu_s > 0.5, "more work")
    row = next(row for row in table.scan() if row.pid == spinning.pid)
    expected = 100 * (cpu_seconds(spinning) - cpu_s) / (time.monotonic() - began)
    assert row.cpu_percent == pytest.approx(expected, abs=5)
    assert row.comm == Path(f"/proc/{spinning.pid}/comm").read_text().strip()[:15]
    assert row.rss_bytes > 2**20


def test_a_process_that_came_between_two_scans_counts_from_its_start() -> None:
    table = ProcessTable()
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as late:
        wait_for(lambda: cpu_seconds(late) > 0.3, "some work")
        row = next(row for row in table.scan() if row.pid == late.pid)
        late.kill()
    assert row.cpu_percent > 0


def test_names_with_brackets_and_spaces_are_read_whole(tmp_path: Path) -> None:
    odd = tmp_path / "a) R (b"
    odd.symlink_to("/bin/sleep")
    with subprocess.Popen([str(odd), "60"]) as process:
        row = wait_for(lambda: next((r for r in ProcessTable().scan() if r.comm == "a) R (b"), None), "the process")
        process.kill()
    assert row.pid == process.pid


def test_a_long_command_line_is_shortened_and_a_gone_process_has_none() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()", "x" * 5000, "täil"], stdin=subprocess.PIPE) as process:
        text = wait_for(lambda: command_line(process.pid), "the command line")
        process.kill()
    assert len(text) == MAX_CMDLINE
    assert text.endswith("x…")
    assert command_line(process.pid) == ""
    assert user_of(process.pid) == ""
    assert user_of(os.getpid()) == "root" if os.geteuid() == 0 else user_of(os.getpid())


def test_the_machine_is_described_as_the_kernel_does() -> None:
    system = SystemReader().read()
    assert system.kernel == os.uname().release
    assert system.cpus == os.cpu_count()
    assert 0 <= system.cpu_percent <= 100
    assert system.memory_available_bytes < system.memory_total_bytes
    assert system.load[0] == pytest.approx(os.getloadavg()[0], abs=2)
    assert (system.pressure.cpu is not None) == Path("/proc/pressure/cpu").exists()


def test_a_kernel_without_psi_has_no_pressure(tmp_path: Path) -> None:
    for name in ("stat", "loadavg", "uptime", "meminfo"):
        (tmp_path / name).write_text(Path("/proc", name).read_text())
    pressure = SystemReader(tmp_path).read().pressure
    assert (pressure.cpu, pressure.io, pressure.memory) == (None, None, None)


def test_cpu_percent_never_leaves_its_range(tmp_path: Path) -> None:
    for name in ("loadavg", "uptime", "meminfo"):
        (tmp_path / name).write_text(Path("/proc", name).read_text())
    (tmp_path / "stat").write_text("cpu  100 0 0 100 50 0 0 0 0 0\n")
    reader = SystemReader(tmp_path)
    (tmp_path / "stat").write_text("cpu  200 0 0 150 20 0 0 0 0 0\n")  # iowait went backwards
    assert reader.read().cpu_percent == pytest.approx(83.3)
    (tmp_path / "stat").write_text("cpu  300 0 0 100 20 0 0 0 0 0\n")
    assert reader.read().cpu_percent == 100


@pytest.mark.parametrize(
    ("cgroup", "expected"),
    [
        (f"/system.slice/docker-{ID}.scope", (CONTAINER, ID, "docker", f"/system.slice/docker-{ID}.scope")),
        (f"/docker/{ID}", (CONTAINER, ID, "docker", f"/docker/{ID}")),
        (f"/docker/{ID}/init.scope", (CONTAINER, ID, "docker", f"/docker/{ID}")),
        (f"/docker/{ID}/docker/{ID[::-1]}/x", (CONTAINER, ID[::-1], "docker", f"/docker/{ID}/docker/{ID[::-1]}")),
        (
            f"/kubepods.slice/kubepods-pod1.slice/cri-containerd-{ID}.scope",
            (CONTAINER, ID, "containerd", f"/kubepods.slice/kubepods-pod1.slice/cri-containerd-{ID}.scope"),
        ),
        (
            f"/kubepods-pod1.slice:cri-containerd:{ID}",
            (CONTAINER, ID, "containerd", f"/kubepods-pod1.slice:cri-containerd:{ID}"),
        ),
        (
            f"/kubepods/besteffort/pod0a1b-22/{ID}",
            (CONTAINER, ID, "containerd", f"/kubepods/besteffort/pod0a1b-22/{ID}"),
        ),
        (f"/kubepods.slice/crio-{ID}.scope", (CONTAINER, ID, "cri-o", f"/kubepods.slice/crio-{ID}.scope")),
        (f"/machine.slice/libpod-{ID}.scope/container", (CONTAINER, ID, "podman", f"/machine.slice/libpod-{ID}.scope")),
        ("/lxc.payload.web/init.scope", (CONTAINER, "web", "lxc", "/lxc.payload.web")),
        ("/lxc/web/user.slice", (CONTAINER, "web", "lxc", "/lxc/web")),
        ("/machine.slice/machine-db.scope", (CONTAINER, "db", "systemd-nspawn", "/machine.slice/machine-db.scope")),
        ("/system.slice/nginx.service", (UNIT, "nginx.service", "systemd", "/system.slice/nginx.service")),
        (
            "/system.slice/nginx.service/worker",
            (UNIT, "nginx.service", "systemd", "/system.slice/nginx.service"),
        ),
        (f"/custom/{ID}", (CONTAINER, ID, "", f"/custom/{ID}")),
        ("/", None),
        ("", None),
        ("/user.slice", None),
        (
            f"/machine.slice/libpod-conmon-{ID}.scope",
            (UNIT, f"libpod-conmon-{ID}.scope", "systemd", f"/machine.slice/libpod-conmon-{ID}.scope"),
        ),
    ],
)
def test_cgroup_paths_of_the_known_runtimes(cgroup: str, expected: tuple[str, str, str, str] | None) -> None:
    assert group_of(cgroup) == (Group(*expected) if expected else None)


def test_container_names_come_from_the_runtimes_files(tmp_path: Path) -> None:
    def write(path: str, content: object) -> None:
        file = tmp_path / path
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps(content))

    cri = {"io.kubernetes.cri.container-name": "app", "io.kubernetes.cri.sandbox-name": "web-7f"}
    cri["io.kubernetes.cri.image-name"] = "ghcr.io/shop/app:3"
    crio = {"io.kubernetes.container.name": "app", "io.kubernetes.pod.name": "web-8f"}
    crio["io.kubernetes.cri-o.ImageName"] = "quay.io/shop/app:4"
    write(f"var/lib/docker/containers/{ID}/config.v2.json", {"Name": "/shop-db", "Config": {"Image": "postgres:17"}})
    write(f"run/containerd/io.containerd.runtime.v2.task/k8s.io/{ID}/config.json", {"annotations": cri})
    write(f"var/lib/containers/storage/overlay-containers/{ID}/userdata/config.json", {"annotations": crio})
    metadata = json.dumps({"image-name": "docker.io/library/nginx:1.27"})
    stored = tmp_path / "var/lib/containers/storage/overlay-containers/containers.json"
    stored.write_text(
        json.dumps([{"id": "other", "names": ["no"]}, {"id": ID, "names": ["pod-web"], "metadata": metadata}])
    )
    found = {
        runtime: ContainerNames(tmp_path).facts(ID, runtime) for runtime in ("docker", "containerd", "cri-o", "podman")
    }
    assert found == {
        "docker": ("shop-db", "postgres:17"),
        "containerd": ("web-7f/app", "ghcr.io/shop/app:3"),
        "cri-o": ("web-8f/app", "quay.io/shop/app:4"),
        "podman": ("pod-web", "docker.io/library/nginx:1.27"),
    }
    assert ContainerNames(tmp_path).facts(ID, "").name == "shop-db"


@pytest.mark.parametrize("content", ["", "{}", "[]", "null", '{"Name": null}', "\x00\x01"])
@pytest.mark.parametrize("runtime", ["docker", "containerd", "cri-o", "podman", ""])
def test_a_runtime_file_that_tells_nothing_gives_no_name(tmp_path: Path, runtime: str, content: str) -> None:
    for path in (
        f"var/lib/docker/containers/{ID}/config.v2.json",
        f"run/containerd/io.containerd.runtime.v2.task/k8s.io/{ID}/config.json",
        f"var/lib/containers/storage/overlay-containers/{ID}/userdata/config.json",
    ):
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).write_text(content)
    assert ContainerNames(tmp_path).facts(ID, runtime).name in ("", "None")


@contextlib.contextmanager
def cgroup_directories(name: str) -> Iterator[list[Path]]:
    """A cgroup of this name in the unified hierarchy and in cpuacct, where there are any."""
    lines = [line.split() for line in Path("/proc/mounts").read_text().splitlines()]
    mounts = [fields[1] for fields in lines if fields[2] == "cgroup2" or "cpuacct" in fields[3].split(",")]
    made = [Path(mount) / name.lstrip("/") for mount in mounts]
    try:
        for directory in made:
            directory.mkdir(parents=True)
        yield made
    finally:
        for directory in made:
            directory.rmdir()
            with contextlib.suppress(OSError):
                directory.parent.rmdir()


@pytest.mark.bpf
def test_a_real_cgroup_is_shown_with_the_cpu_its_processes_used() -> None:
    name = f"/docker/{os.getpid():064x}"
    code = "import subprocess\nwhile True: subprocess.run(['true'])"
    with (
        cgroup_directories(name) as directories,
        subprocess.Popen([sys.executable, "-c", code], start_new_session=True) as process,
    ):
        try:
            for directory in directories:
                (directory / "cgroup.procs").write_text(str(process.pid))
            reader = InventoryReader("web-1", (), agent)
            container = _container(reader, name)
            assert container is not None
            began, used = time.monotonic(), CgroupCpu().usage_ns(name) or 0
            wait_for(lambda: (CgroupCpu().usage_ns(name) or 0) - used > 3e8, "work in the cgroup")
            reader._next_scan = 0
            again = next(found for found in reader.read().containers if found.cgroup == name)
            expected = ((CgroupCpu().usage_ns(name) or 0) - used) / 1e7 / (time.monotonic() - began)
        finally:
            os.killpg(process.pid, 9)
            process.wait()
            wait_for(lambda: not any((d / "cgroup.procs").read_text() for d in directories), "an empty cgroup", 10)
    assert (again.runtime, again.id) == ("docker", name[-64:])
    assert again.processes >= 1
    assert again.cpu_percent == pytest.approx(expected, rel=0.3, abs=5)


def _container(reader: InventoryReader, name: str) -> object:
    return next((found for found in reader.read().containers if found.cgroup == name), None)


def test_a_heartbeat_of_many_processes_holds_the_busiest(spinning: "subprocess.Popen[bytes]") -> None:
    reader = InventoryReader("web-1", (), agent)
    idle = [subprocess.Popen(["sleep", "60"]) for _ in range(MAX_PROCESSES)]
    try:
        wait_for(lambda: cpu_seconds(spinning) > 0.2, "some work")
        found: Inventory = reader.read()
    finally:
        for process in idle:
            process.kill()
            process.wait()
    assert len(found.processes) == MAX_PROCESSES < found.process_count
    assert spinning.pid in {process.pid for process in found.processes[:20]}
    assert [process.cpu_percent for process in found.processes] == sorted(
        (process.cpu_percent for process in found.processes), reverse=True
    )


def test_looking_at_processes_is_paced_by_what_it_costs() -> None:
    reader = InventoryReader("web-1", (), agent)
    began = time.thread_time()
    first = reader.read()
    cost = time.thread_time() - began
    assert reader._next_scan - time.monotonic() < cost / PROCESS_SCAN_SHARE
    reader._next_scan = time.monotonic() + 60
    assert reader.read().processes == first.processes
