"""Reads what a host has, and asks findings.py what it means. Runs a real recording as the last proof."""

import os
import platform
import re
import shutil
import time
from pathlib import Path
from typing import cast

import redis

from profiler.agent.checks import findings
from profiler.agent.checks.capabilities import CPU, capabilities
from profiler.agent.checks.findings import Finding, Status
from profiler.agent.delivery.publisher import LIVE_TIMEOUT_S, connect
from profiler.agent.host.system import SystemReader
from profiler.agent.kernel.bcc_binding import BindingError, find_package, load_bcc
from profiler.core.errors import WebprofError

# Capabilities that a recording can do without.
HELPFUL = ("kernel symbols", "btf")
# os.path, not Path: to be refused a look is an answer here, not an exception.
_TRACEFS = ("/sys/kernel/tracing/events", "/sys/kernel/debug/tracing/events")
# Version 1 says this, rounded to pages, when there is no limit.
_NO_LIMIT = 2**62


def examine(redis_url: str, data_dir: Path, *, redis_configured: bool) -> list[Finding]:
    """Every finding, in the order to read them. `redis_configured`: somebody asked for this very Redis."""
    found = [findings.kernel(platform.release())]
    granted = {item.name: item for item in capabilities()}
    for item in granted.values():
        if item.name != CPU:
            bad = Status.WARN if item.name in HELPFUL else Status.FAIL
            found.append(Finding(item.name, Status.OK if item.available else bad, item.reason or "yes", item.fix))
    proof = self_test(possible=granted[CPU].available)
    found += [
        _bcc(),
        findings.perf_event_paranoid(
            _text("/proc/sys/kernel/perf_event_paranoid"), privileged=granted["privileges"].available
        ),
        findings.tracefs(next(filter(os.path.isdir, _TRACEFS), None)),
        findings.lockdown(_text("/sys/kernel/security/lockdown")),
        findings.seccomp(_status_field("Seccomp"), works=proof.status is Status.OK),
        findings.pid_namespace(str(Path("/proc/self/ns/pid").readlink())),
        findings.memory(SystemReader().read().memory_available_bytes, memory_limit()),
        data_directory(data_dir),
        *redis_and_clock(redis_url, configured=redis_configured),
        proof,
    ]
    return found


def self_test(*, possible: bool) -> Finding:
    if not possible:
        return Finding("self-test", Status.FAIL, "not run: something it needs is missing", "see the lines above")
    from profiler.agent.checks.selftest import run_self_test  # noqa: PLC0415 loads what a host may lack

    try:
        samples = run_self_test()
    except WebprofError as error:
        return Finding("self-test", Status.FAIL, str(error), "see the lines above; BCC's messages are on stderr")
    return Finding("self-test", Status.OK, f"recorded {samples} samples of itself, with the right names")


def data_directory(directory: Path) -> Finding:
    """Looks at the nearest directory that exists: the agent makes the others."""
    existing = next(path for path in (directory, *directory.parents) if os.path.exists(path))  # noqa: PTH110 see above
    if not existing.is_dir() or not os.access(existing, os.W_OK):
        return findings.disk(str(directory), None, f"{existing} is not a directory that user {os.geteuid()} may write")
    return findings.disk(str(directory), shutil.disk_usage(existing).free)


def redis_and_clock(url: str, *, configured: bool) -> tuple[Finding, Finding]:
    shown = re.sub(r"//[^@/]*@", "//", url)  # no password in a report that people paste
    try:
        client = connect(url, LIVE_TIMEOUT_S)
        info = cast("dict[str, object]", client.info())
        before = time.time()
        seconds, microseconds = client.time()
        skew_s = (before + time.time()) / 2 - (seconds + microseconds / 1e6)
    except (redis.RedisError, ValueError) as error:
        return findings.redis_away(shown, str(error), configured=configured), findings.clock(None)
    return findings.redis_server({key: str(value) for key, value in info.items()}, shown), findings.clock(skew_s)


def memory_limit(own: str | None = None, mount: Path = Path("/sys/fs/cgroup")) -> int | None:
    """The smallest memory limit of this process's control groups, version 1 or 2; None when there is none."""
    limits = []
    for line in (own if own is not None else Path("/proc/self/cgroup").read_text()).splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers in ("", "memory"):
            top = mount / controllers
            below = top / path.lstrip("/")
            for directory in (below, *below.parents):
                if directory.is_relative_to(top):
                    limits += [_text(str(directory / name)) for name in ("memory.max", "memory.limit_in_bytes")]
    numbers = [int(limit) for limit in limits if limit and limit.isdecimal() and int(limit) < _NO_LIMIT]
    return min(numbers, default=None)


def _bcc() -> Finding:
    package = find_package()
    try:
        load_bcc()
        maps = _text("/proc/self/maps") or ""
        library = re.search(r"/\S*libbcc\.so\S*", maps)
    except BindingError:
        library = None
    return findings.bcc(str(package) if package else None, library[0] if library else None)


def _text(path: str) -> str | None:
    try:
        return Path(path).read_text().strip()
    except OSError:
        return None


def _status_field(name: str) -> str:
    found = re.search(rf"^{name}:\s*(\S+)", Path("/proc/self/status").read_text(), re.MULTILINE)
    return found[1] if found else ""
