"""The control group that a recording is about: given as a path, a container or a systemd unit."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from profiler.agent.targets.cgroups import CgroupDirectory, all_cgroups, find_cgroup
from profiler.agent.targets.container_names import ContainerNames
from profiler.core.errors import WebprofError
from profiler.core.groups import CONTAINER, SHORT_ID, UNIT, Group, container_of
from profiler.core.spec import RecordingSpec

# Of what there is instead of a wrong name, as much as one reads.
MAX_SHOWN = 12
_UNIT_SUFFIXES = (".service", ".scope", ".slice")


class TargetError(WebprofError):
    """A target does not exist or is not what it was said to be."""


@dataclass(frozen=True)
class TargetGroup:
    """`label` is what was asked for, in words: `container web`."""

    label: str
    directory: CgroupDirectory


def target_group(spec: RecordingSpec, names: ContainerNames | None = None) -> TargetGroup | None:
    """None when no group was asked for. Raises TargetError when it does not exist, or when several are called so."""
    if spec.container is not None:
        found = find_container(spec.container, all_cgroups(), names or ContainerNames())
        return _existing(f"container {spec.container}", found.cgroup)
    if spec.unit is not None:
        return _existing(f"unit {spec.unit}", find_unit(spec.unit, all_cgroups()).cgroup)
    if spec.cgroup is not None:
        return _existing(f"cgroup {spec.cgroup}", spec.cgroup)
    return None


def find_container(wanted: str, cgroups: Iterable[str], names: ContainerNames) -> Group:
    """By name, whole id, or the first SHORT_ID or more characters of it."""
    groups = {group.cgroup: group for path in cgroups if (group := container_of(path)) and group.cgroup == path}
    called = {group: names.facts(group.name, group.runtime).name for group in groups.values()}
    fits = [group for group, name in called.items() if wanted in (name, group.name)]
    if not fits and len(wanted) >= SHORT_ID:
        fits = [group for group in called if group.name.startswith(wanted)]
    return _one(fits, f"container {wanted}", "containers", called, lambda group: called[group] or group.name[:SHORT_ID])


def find_unit(wanted: str, cgroups: Iterable[str]) -> Group:
    """`nginx` is `nginx.service`. The host's unit comes before one of that name inside of a container."""
    name = wanted if wanted.endswith(_UNIT_SUFFIXES) else f"{wanted}.service"
    paths = sorted(set(cgroups))
    units = [Group(UNIT, path.rpartition("/")[2], "systemd", path) for path in paths if path.endswith(_UNIT_SUFFIXES)]
    fits = [unit for unit in units if unit.name == name]
    outside = [unit for unit in fits if container_of(unit.cgroup) is None]
    return _one(outside or fits, f"unit {name}", "units", units, lambda unit: unit.name)


def _one(fits: list[Group], what: str, sort: str, there: Iterable[Group], call: Callable[[Group], str]) -> Group:
    if len(fits) == 1:
        return fits[0]
    if fits:
        raise TargetError(
            f"{what} is not one but {len(fits)} on this host: give the id or cgroup of {_listed(fits, _id)}"
        )
    known = _listed(there, call)
    raise TargetError(
        f"{what} does not exist on this host; there are {f'the {sort} {known}' if known else f'no {sort}'}"
    )


def _id(group: Group) -> str:
    return group.name[:SHORT_ID] if group.kind == CONTAINER else group.cgroup


def _listed(groups: Iterable[Group], call: Callable[[Group], str]) -> str:
    called = sorted({call(group) for group in groups})
    more = len(called) - MAX_SHOWN
    return ", ".join(called[:MAX_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _existing(label: str, path: str) -> TargetGroup:
    directory = find_cgroup(path)
    if directory is None:
        raise TargetError(f"{label} does not exist on this host" + ("" if path in label else " any more"))
    return TargetGroup(label, directory)
