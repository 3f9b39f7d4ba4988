"""How much CPU a control group has used."""

from pathlib import Path

from profiler.agent.targets.cgroups import CGROUP_MOUNTS


class CgroupCpu:
    """CPU time of cgroups, from version 2's `cpu.stat` or version 1's `cpuacct.usage`."""

    def __init__(self, mounts: str | None = None) -> None:
        lines = (mounts if mounts is not None else CGROUP_MOUNTS.read_text()).splitlines()
        self._unified = self._accounting = None
        for _, mount, kind, options, *_ in (line.split() for line in lines):
            if kind == "cgroup2":
                self._unified = Path(mount)
            elif kind == "cgroup" and "cpuacct" in options.split(","):
                self._accounting = Path(mount)

    def usage_ns(self, cgroup: str) -> int | None:
        """CPU time since the cgroup was made, None when no hierarchy tells."""
        relative = cgroup.lstrip("/")
        if self._unified is not None and (text := _text(self._unified / relative / "cpu.stat")):
            return int(text.split(None, 2)[1]) * 1000  # first line: usage_usec N
        if self._accounting is not None and (text := _text(self._accounting / relative / "cpuacct.usage")):
            return int(text)
        return None


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
