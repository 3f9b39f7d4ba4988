"""`webprof doctor`: right about this host, and about hosts that lack something."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from profiler.agent.checks import doctor, findings
from profiler.agent.checks.findings import Finding, Status
from tests.agent.servers import ROOT, RedisServer

CODE = "import sys; sys.path.insert(0, sys.argv.pop(1)); from webprof.cli import main; main()"
NAMES = (
    "kernel", "machine", "process ids", "privileges", "bcc", "bpf", "ring buffer", "perf events", "kernel symbols",
    "btf", "control groups", "whole stacks", "stacks of new processes", "bcc files", "perf_event_paranoid", "tracefs",
    "lockdown", "seccomp", "pid namespace", "memory", "data directory", "redis", "clock", "self-test",
)  # fmt: skip


def run(*arguments: str, before: tuple[str, ...] = (), **environment: str) -> "subprocess.CompletedProcess[str]":
    variables = {name: value for name, value in os.environ.items() if not name.startswith("WEBPROF_")}
    command = [*before, sys.executable, "-c", CODE, str(ROOT), "doctor", *arguments]
    return subprocess.run(command, env=variables | environment, capture_output=True, text=True, cwd="/", timeout=120)


def checks(done: "subprocess.CompletedProcess[str]") -> dict[str, Any]:
    return {check["name"]: check for check in json.loads(done.stdout)["checks"]}


@pytest.mark.bpf
@pytest.mark.redis
def test_on_a_host_that_can_record_it_proves_it(own_redis: RedisServer, directory: Path) -> None:
    done = run("--json", WEBPROF_REDIS_URL=own_redis.url, WEBPROF_DATA=str(directory))
    assert done.returncode == 0, done.stdout
    document = json.loads(done.stdout)
    assert (document["schema"], document["can_record"]) == (1, True)
    assert tuple(check["name"] for check in document["checks"]) == NAMES
    assert all(set(check) == {"name", "status", "why", "fix"} for check in document["checks"])
    assert checks(done)["redis"]["status"] == checks(done)["clock"]["status"] == "ok"
    assert re.search(r"recorded \d+ samples", checks(done)["self-test"]["why"])
    assert "libbcc.so" in checks(done)["bcc files"]["why"]


@pytest.mark.bpf
def test_without_json_each_line_says_what_and_what_to_do(directory: Path) -> None:
    done = run(WEBPROF_REDIS_URL="redis://:secret@127.0.0.1:1/0", WEBPROF_DATA=str(directory))
    assert done.returncode == 1
    assert "fail  redis: redis://127.0.0.1:1/0: " in done.stdout
    assert "→ check WEBPROF_REDIS_URL" in done.stdout
    assert "secret" not in done.stdout
    assert done.stdout.endswith("can't record: see the lines with fail.\n")


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("setpriv"), reason="needs root to become someone else")
def test_another_user_than_root_is_told_so(directory: Path) -> None:
    done = run(
        "--json", before=("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"), WEBPROF_DATA=str(directory)
    )
    assert done.returncode == 1, done.stderr
    assert checks(done)["privileges"]["status"] == "fail"
    assert "root" in checks(done)["privileges"]["fix"]
    assert checks(done)["self-test"]["status"] == "fail"
    assert checks(done)["data directory"]["status"] == "fail"


@pytest.mark.bpf
@pytest.mark.skipif(not shutil.which("unshare"), reason="needs unshare")
def test_a_container_without_the_hosts_pids_is_told_so(directory: Path) -> None:
    done = run("--json", before=("unshare", "--pid", "--fork", "--mount-proc"), WEBPROF_DATA=str(directory))
    assert checks(done)["pid namespace"]["status"] == "warn"
    assert "--pid=host" in checks(done)["pid namespace"]["fix"]
    assert checks(done)["self-test"]["status"] == "fail"
    assert done.returncode == 1


@pytest.mark.parametrize(
    ("finding", "status", "says"),
    [
        (findings.kernel("4.19.0-27-amd64"), Status.FAIL, "4.19.0-27-amd64 is older than 5.8"),
        (findings.kernel("5.8.0"), Status.OK, "5.8.0"),
        (findings.perf_event_paranoid(None, privileged=True), Status.FAIL, "no perf events"),
        (findings.perf_event_paranoid("3", privileged=False), Status.WARN, "3 binds"),
        (findings.tracefs(None), Status.WARN, "not mounted"),
        (findings.bcc(None, None), Status.FAIL, "bindings not found"),
        (findings.bcc("/usr/lib/python3/dist-packages/bcc", None), Status.FAIL, "libbcc not found"),
        (findings.lockdown(None), Status.OK, "none"),
        (findings.lockdown("none [integrity] confidentiality"), Status.OK, "integrity"),
        (findings.lockdown("none integrity [confidentiality]"), Status.FAIL, "confidentiality"),
        (findings.seccomp("2", works=False), Status.WARN, "seccomp filter"),
        (findings.seccomp("2", works=True), Status.OK, "allows"),
        (findings.pid_namespace("pid:[4026532181]"), Status.WARN, "container"),
        (findings.redis_server({"redis_version": "6.0.16"}, "redis://r"), Status.FAIL, "6.0.16"),
        (
            findings.redis_server(
                {"redis_version": "7.2.1", "maxmemory": "100", "maxmemory_policy": "allkeys-lru"}, "redis://r"
            ),
            Status.WARN,
            "allkeys-lru",
        ),
        (findings.redis_away("redis://r", "refused", configured=True), Status.FAIL, "redis://r: refused"),
        (findings.redis_away("redis://r", "refused", configured=False), Status.WARN, "webprof profile"),
        (findings.clock(-7.25), Status.WARN, "7.2 s behind"),
        (findings.clock(1.0), Status.OK, "within"),
        (findings.disk("/data", 10 * 2**20), Status.WARN, "10 MiB free"),
        (findings.disk("/data", None, "read-only"), Status.FAIL, "read-only"),
        (findings.memory(2**33, 2**28), Status.WARN, "limit of this control group is 256 MiB"),
        (findings.memory(2**28, None), Status.WARN, "available memory is 256 MiB"),
        (findings.memory(2**33, None), Status.OK, "8192 MiB"),
    ],
)
def test_what_is_concluded(finding: Finding, status: Status, says: str) -> None:
    assert finding.status is status
    assert says in finding.why
    assert bool(finding.fix) == (status is not Status.OK)


def test_the_smallest_memory_limit_above_a_process_counts(tmp_path: Path) -> None:
    for path, limit in (("a/memory.max", "max"), ("a/b/memory.max", "1000000"), ("a/b/c/memory.max", "2000000")):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(limit)
    assert doctor.memory_limit("0::/a/b/c", tmp_path) == 1_000_000
    assert doctor.memory_limit("0::/a", tmp_path) is None


def test_version_1_says_no_limit_with_a_huge_number(tmp_path: Path) -> None:
    (tmp_path / "memory" / "a").mkdir(parents=True)
    (tmp_path / "memory" / "a" / "memory.limit_in_bytes").write_text("9223372036854771712")
    assert doctor.memory_limit("4:memory:/a\n3:cpu:/a", tmp_path) is None
    (tmp_path / "memory" / "a" / "memory.limit_in_bytes").write_text("500000")
    assert doctor.memory_limit("4:memory:/a\n3:cpu:/a", tmp_path) == 500_000


def test_a_data_directory_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert doctor.data_directory(tmp_path / "file" / "agent").status is Status.FAIL
    assert doctor.data_directory(tmp_path / "new" / "agent").status is Status.OK
