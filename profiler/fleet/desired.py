"""What each host is to do, and telling those that do something else. The server's rows say what is wanted, heartbeats
what is: whoever was away or restarted is told again within seconds.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from profiler.core.channel import TASK_CONTINUOUS
from profiler.core.continuous import ContinuousSettings
from profiler.core.inventory import Inventory
from profiler.core.selector import SelectorError, parse
from profiler.errors import UnavailableError
from profiler.fleet.like import like
from profiler.jobs.tasks import send_to_host
from profiler.models import ContinuousPlan

log = logging.getLogger(__name__)
HOST = "host"


@dataclass(frozen=True)
class Desired:
    """`plan` is the one that counts for a host; None when no plan fits."""

    settings: ContinuousSettings
    plan: ContinuousPlan | None


def host_labels(host: str, inventory: Inventory | None) -> dict[str, str]:
    """What selectors of hosts look at: its name, and the labels its agent was started with."""
    labels = inventory.agent.continuous.labels if inventory else {}
    return {**labels, HOST: host}


def desired(hosts: Mapping[str, Inventory | None], variables: tuple[str, ...]) -> dict[str, Desired]:
    """For each host; `variables` are those that service rules look at."""
    left = {host: host_labels(host, inventory) for host, inventory in hosts.items()}
    found = dict.fromkeys(hosts, Desired(ContinuousSettings(), None))
    for plan in ContinuousPlan.objects.all():
        settings = _settings(plan, variables)
        for host in fitting(plan.selector, left):
            found[host] = Desired(settings, plan)
            del left[host]
    return found


def fitting(selector: str, hosts: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Hosts (name → labels) that a selector means; none for one that can't be read any more."""
    try:
        return parse(selector).choose(hosts, like)
    except SelectorError as error:
        log.warning("selector %r of a plan: %s", selector, error)
        return []


def follow_plans(alive: Mapping[str, Inventory], variables: tuple[str, ...]) -> int:
    """Tell the hosts that do not do what is wanted; returns how many."""
    wanted = desired(alive, variables)
    told = 0
    for host, inventory in alive.items():
        if inventory.agent.continuous.asked == wanted[host].settings:
            continue
        try:
            send_to_host(host, TASK_CONTINUOUS, **wanted[host].settings.model_dump(mode="json"))
        except UnavailableError as error:
            log.warning("%s", error)
            return told
        told += 1
    return told


def _settings(plan: ContinuousPlan, variables: tuple[str, ...]) -> ContinuousSettings:
    if not plan.on:
        return ContinuousSettings()
    fields = {"frequency": plan.frequency, "length_s": plan.length_s, "labels": plan.labels}
    return ContinuousSettings(on=True, variables=variables, **fields)
