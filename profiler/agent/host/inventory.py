"""Puts a heartbeat together: the machine, the agent itself, what runs on it."""

import time
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

from profiler.agent.host.cgroup_cpu import CgroupCpu
from profiler.agent.host.process_labels import read_variables
from profiler.agent.host.processes import ProcessRow, ProcessTable, command_line, user_of
from profiler.agent.host.system import SystemReader
from profiler.agent.targets.container_names import ContainerNames
from profiler.core.groups import CONTAINER, SHORT_ID, Group, container_of, group_of
from profiler.core.inventory import (
    MAX_CONTAINERS,
    MAX_PROCESSES,
    MAX_UNITS,
    Agent,
    Capability,
    Container,
    Inventory,
    Process,
    Unit,
)
from profiler.core.probe import PRIVATE, Shows

# Share of one CPU that looking at processes may take. A host with thousands of them is looked at less often.
PROCESS_SCAN_SHARE = 0.0005
# A process that calls exec has another name then, or what it says is read again after this long.
SAID_S = 60.0
MAX_NAME = 128
MAX_CGROUP = 1024


class _Said(NamedTuple):
    """What hardly ever changes of a process; most of a heartbeat's cost was reading it each time."""

    start_time: int
    comm: str
    read_at: float
    cmdline: str
    user: str


class InventoryReader:
    """`agent` tells the agent's own state at the moment of a reading; the rest is read from the host. `variables` are
    those of processes' environments that are to be told. `hides_private`: no arguments of processes, and this is said.
    """

    def __init__(
        self,
        host: str,
        capabilities: Sequence[Capability],
        agent: Callable[[], Agent],
        variables: Callable[[], Collection[str]] = frozenset,
        probes: Sequence[Capability] = (),
        *,
        hides_private: bool = False,
    ) -> None:
        self._host = host
        self._probes = tuple(probes)
        self._capabilities = tuple(capabilities)
        self._hides: tuple[Shows, ...] = PRIVATE if hides_private else ()
        self._agent = agent
        self._variables = variables
        self._system = SystemReader()
        self._processes = ProcessTable()
        self._cpu = CgroupCpu()
        self._names = ContainerNames()
        self._usage: dict[str, int] = {}
        self._said: dict[int, _Said] = {}
        self._scanned_at = time.monotonic()
        self._next_scan = 0.0
        self._found: tuple[int, tuple[Process, ...], tuple[Container, ...], tuple[Unit, ...]] = (0, (), (), ())

    def read(self) -> Inventory:
        """Raises OSError when /proc can't be read."""
        if time.monotonic() >= self._next_scan:
            self._scan()
        count, processes, containers, units = self._found
        return Inventory(
            host=self._host,
            at_ns=time.time_ns(),
            agent=self._agent(),
            system=self._system.read(),
            capabilities=self._capabilities,
            probes=self._probes,
            hides=tuple(self._hides),
            process_count=count,
            processes=processes,
            containers=containers,
            units=units,
        )

    def _scan(self) -> None:
        began = time.thread_time()
        now = time.monotonic()
        rows = self._processes.scan()
        groups = _grouped(rows)
        containers, units = self._groups(groups, now - self._scanned_at)
        busiest = sorted(rows, key=lambda row: (-row.cpu_percent, -row.rss_bytes))[:MAX_PROCESSES]
        self._said = {row.pid: self._of(row, now) for row in busiest}
        self._found = (len(rows), tuple(self._process(row) for row in busiest), containers, units)
        self._scanned_at = now
        self._next_scan = now + (time.thread_time() - began) / PROCESS_SCAN_SHARE

    def _groups(
        self, groups: dict[Group, list[ProcessRow]], elapsed_s: float
    ) -> tuple[tuple[Container, ...], tuple[Unit, ...]]:
        usage = {group.cgroup: self._cpu.usage_ns(group.cgroup) for group in groups}
        containers, units = [], []
        for group, rows in groups.items():
            percent = self._percent(group.cgroup, usage[group.cgroup], rows, elapsed_s)
            path = group.cgroup[:MAX_CGROUP]
            if group.kind == CONTAINER:
                facts = self._names.facts(group.name, group.runtime)
                containers.append(
                    Container(
                        id=group.name[:MAX_NAME],
                        name=facts.name,
                        image=facts.image,
                        runtime=group.runtime,
                        cgroup=path,
                        cpu_percent=percent,
                        processes=len(rows),
                    )
                )
            else:
                units.append(Unit(name=group.name[:MAX_NAME], cgroup=path, cpu_percent=percent, processes=len(rows)))
        self._usage = {cgroup: used for cgroup, used in usage.items() if used is not None}
        self._names.keep({group.name for group in groups})
        containers.sort(key=lambda container: (-container.cpu_percent, container.name, container.id))
        units.sort(key=lambda unit: (-unit.cpu_percent, unit.name))
        return tuple(containers[:MAX_CONTAINERS]), tuple(units[:MAX_UNITS])

    def _of(self, row: ProcessRow, now: float) -> _Said:
        said = self._said.get(row.pid)
        if said and (said.start_time, said.comm) == (row.start_time, row.comm) and now - said.read_at < SAID_S:
            return said
        cmdline = "" if Shows.COMMAND in self._hides else command_line(row.pid)
        return _Said(row.start_time, row.comm, now, cmdline, user_of(row.pid)[:MAX_NAME])

    def _process(self, row: ProcessRow) -> Process:
        group = container_of(row.cgroup)
        return Process(
            pid=row.pid,
            comm=row.comm,
            cmdline=self._said[row.pid].cmdline,
            user=self._said[row.pid].user,
            cpu_percent=round(max(0.0, row.cpu_percent), 1),
            rss_bytes=max(0, row.rss_bytes),
            cgroup=row.cgroup[:MAX_CGROUP],
            container=self._called(group) if group else "",
            kernel=row.kernel,
            variables=dict(read_variables(row.pid, self._variables())),
        )

    def _called(self, container: Group) -> str:
        """As people know it."""
        return self._names.facts(container.name, container.runtime).name or container.name[:SHORT_ID]

    def _percent(self, cgroup: str, used_ns: int | None, rows: list[ProcessRow], elapsed_s: float) -> float:
        """From the cgroup's own account, which knows of processes that came and went; else from its processes."""
        before = self._usage.get(cgroup)
        if used_ns is None or before is None or elapsed_s <= 0:
            return round(sum(row.cpu_percent for row in rows), 1)
        return round(max(0.0, (used_ns - before) / 1e7 / elapsed_s), 1)


def _grouped(rows: list[ProcessRow]) -> dict[Group, list[ProcessRow]]:
    by_path: dict[str, list[ProcessRow]] = defaultdict(list)
    for row in rows:
        by_path[row.cgroup].append(row)
    groups: dict[Group, list[ProcessRow]] = defaultdict(list)
    for path, members in by_path.items():
        if (group := group_of(path)) is not None:
            groups[group] += members
    return groups
