"""What rules make of the processes that run now, as the hosts' last heartbeats tell: by service, with counts."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from profiler import access, heartbeats
from profiler.core.groups import ProcessLabels, labels_of
from profiler.core.inventory import Inventory
from profiler.core.services import Facts
from profiler.fleet.desired import host_labels
from profiler.fleet.matching import Named, services
from profiler.fleet.rule import Rule
from profiler.fleet.rules import for_host

# As many as a person reads; the others are counted.
MAX_SHOWN = 200
MAX_EXAMPLES = 3


@dataclass
class Line:
    """A service: by which rule (its place from 0, None: by none), of how many processes and hosts, with how much CPU.

    `was` are the services that these processes are of without the change. Percentages are of one CPU.
    """

    service: str
    rule: int | None
    processes: int = 0
    cpu_percent: float = 0.0
    hosts: set[str] = field(default_factory=set)
    was: set[str] = field(default_factory=set)
    examples: dict[str, None] = field(default_factory=dict)


@dataclass(frozen=True)
class Preview:
    """`lines` by CPU. `silent`: variable → hosts whose agents do not read it. `processes`: of all hosts together."""

    lines: Sequence[Line]
    more: int
    hosts: int
    processes: int
    silent: Mapping[str, Sequence[str]]


def preview(user: access.Visitor, rules: Sequence[Rule], now: Sequence[Rule]) -> Preview:
    """`rules` are what is thought of, `now` those that hold."""
    visible = set(access.hosts(user).values_list("pk", flat=True))
    alive = {host: one for host, one in heartbeats.living().items() if host in visible}
    lines: dict[tuple[str, int | None], Line] = {}
    for host, inventory in alive.items():
        _add(lines, host, inventory, rules, now)
    ordered = sorted(lines.values(), key=lambda line: (-line.cpu_percent, -line.processes, line.service))
    count = sum(line.processes for line in ordered)
    return Preview(ordered[:MAX_SHOWN], max(0, len(ordered) - MAX_SHOWN), len(alive), count, _silent(alive, rules))


def _add(
    lines: dict[tuple[str, int | None], Line],
    host: str,
    inventory: Inventory,
    rules: Sequence[Rule],
    now: Sequence[Rule],
) -> None:
    facts = list(process_facts(inventory))
    labels = host_labels(host, inventory)
    after, before = (_named(facts, labels, given) for given in (rules, now))
    for process, named, was in zip(inventory.processes, after, before, strict=True):
        line = lines.setdefault(named, Line(*named))
        line.processes += 1
        line.cpu_percent += process.cpu_percent
        line.hosts.add(host)
        if was.service != named.service:
            line.was.add(was.service)
        if len(line.examples) < MAX_EXAMPLES:
            line.examples[process.comm] = None


def _named(facts: Sequence[Facts], labels: Mapping[str, str], rules: Sequence[Rule]) -> list[Named]:
    places = for_host(rules, labels)
    found = services(facts, labels, [rules[place] for place in places])
    return [one if one.rule is None else Named(one.service, places[one.rule]) for one in found]


def process_facts(inventory: Inventory) -> Iterator[Facts]:
    """Of the processes that a heartbeat names: the busiest of its host."""
    images = {container.cgroup: container.image for container in inventory.containers}
    names = {container.cgroup: container.name for container in inventory.containers}
    for process in inventory.processes:
        group = labels_of(process.cgroup)
        inside = next((path for path in images if process.cgroup.startswith(path)), "")
        labels = group._replace(name=names.get(inside, ""), image=images.get(inside, ""))
        variables = tuple(sorted(process.variables.items()))
        yield Facts.of(ProcessLabels(process.comm, process.kernel, variables), labels)


def _silent(alive: Mapping[str, Inventory], rules: Sequence[Rule]) -> dict[str, list[str]]:
    wanted = {rule.variable for rule in rules if rule.source == "variable"}
    found: dict[str, list[str]] = defaultdict(list)
    for host, inventory in sorted(alive.items()):
        for variable in sorted(wanted - set(inventory.agent.continuous.variables)):
            found[variable].append(host)
    return dict(found)
