"""Process ids are the host's; who gives one that was read in a container is told which one is meant."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from profiler.agent.targets import pid_namespaces
from profiler.agent.targets.cgroups import CgroupDirectory
from profiler.agent.targets.pid_namespaces import pid_counter, youngest_first
from profiler.agent.targets.target_groups import TargetError, TargetGroup
from profiler.agent.targets.target_watch import TargetWatch
from profiler.core.spec import RecordingSpec

# A high one, which nobody on the host is likely to have, and another one in each of the processes that run tests side
# by side: who looks for it must not find the process of another's test.
PID_MAX = int(Path("/proc/sys/kernel/pid_max").read_text())
INNER = PID_MAX - 1 - os.getpid() % (PID_MAX // 2)
ROOT = Path(__file__).parents[3]


@contextmanager
def in_namespace(*command: str) -> Iterator[tuple[int, int]]:
    """A process in a pid namespace of its own: its id on the host and the one it has inside, which nobody has here."""
    script = f'echo {INNER - 1} > /proc/sys/kernel/ns_last_pid; "$@" & wait'
    unshare = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child", "sh", "-c", script, "sh"]
    with subprocess.Popen([*unshare, *command]) as process:
        try:
            yield _host_pid(command[0]), INNER
        finally:
            process.kill()


def _host_pid(comm: str) -> int:
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        for pid in pid_namespaces.host_pids(INNER):
            if Path(f"/proc/{pid}/comm").read_text().strip() == comm:
                return pid
        time.sleep(0.01)
    raise TimeoutError(f"{comm} does not run in a pid namespace")


def test_this_process_sees_the_hosts_ids_and_one_in_a_namespace_does_not() -> None:
    if not pid_namespaces.sees_host_pids():
        pytest.skip("the tests run in a pid namespace themselves")
    code = "from profiler.agent.checks.capabilities import recording_blocker as b; print(b())"
    command = ["unshare", "--pid", "--fork", "--mount-proc", sys.executable, "-c", code]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "the agent runs in a pid namespace" in told
    assert "--pid=host" in told


def test_an_id_from_inside_of_a_namespace_is_explained() -> None:
    with in_namespace("sleep", "60") as (outer, inner):
        if Path(f"/proc/{inner}").exists():
            pytest.skip(f"this host has a process {inner}")
        with pytest.raises(TargetError, match=rf"pid {inner} does not exist .* on the host: {outer} \(sleep\)"):
            TargetWatch(RecordingSpec(pids=(inner,)))


def test_an_id_outside_of_the_group_that_was_asked_for_is_explained(tmp_path: Path) -> None:
    with in_namespace("sleep", "60") as (outer, _):
        (tmp_path / "cgroup.threads").write_text(f"{outer}\n")
        group = TargetGroup("container web", CgroupDirectory(tmp_path, unified=True))
        assert TargetWatch(RecordingSpec(pids=(outer,), container="web"), group).processes == (outer,)
        with pytest.raises(TargetError, match=rf"pid {os.getpid()} is not in container web$"):
            TargetWatch(RecordingSpec(pids=(os.getpid(),), container="web"), group)


def test_the_youngest_process_is_first_also_when_ids_begin_again() -> None:
    assert youngest_first([1, 90, 3, 97, 5], newest=5, highest=100) == [5, 3, 1, 97, 90]


def test_a_process_that_has_just_begun_is_the_youngest_of_all() -> None:
    with subprocess.Popen(["true"]) as process:
        pass
    newest, highest = pid_counter()
    assert (newest - process.pid) % highest < 1000
