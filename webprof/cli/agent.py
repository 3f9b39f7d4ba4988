"""`webprof agent`: this host's agent, in the foreground."""

import logging
import re
import signal
import socket
import sys
from dataclasses import replace

import click
import redis

from profiler.agent.cost.budget import DEFAULT_CPU_SHARE, DEFAULT_MEMORY_BYTES, Budget
from profiler.core.channel import HOST_ID_PATTERN, host_id
from profiler.core.continuous import MAX_FREQUENCY_HZ, MAX_LABELS, parse_label
from profiler.core.errors import WebprofError
from webprof import env

LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


@click.command()
@click.option(
    "--redis-url",
    envvar="WEBPROF_REDIS_URL",
    help="Redis of the server: redis://host:port/0 or unix:///path/redis.sock.",
)
@click.option("--host-id", "host", envvar="WEBPROF_HOST_ID", help="The id this host goes by. Default: its name.")
@click.option(
    "--cpu-limit",
    envvar="WEBPROF_AGENT_CPU_PERCENT",
    type=click.FloatRange(0, 100),
    default=100 * DEFAULT_CPU_SHARE,
    show_default=True,
    help="Percent of one CPU that a recording may take for every busy CPU. 0: no limit.",
)
@click.option(
    "--memory-limit",
    envvar="WEBPROF_AGENT_MEMORY_MB",
    type=click.IntRange(0, 1 << 20),
    default=DEFAULT_MEMORY_BYTES >> 20,
    show_default=True,
    help="Resident memory in MiB that the agent may hold while it records. 0: no limit.",
)
@click.option(
    "--continuous-limit",
    envvar="WEBPROF_AGENT_CONTINUOUS_HZ",
    type=click.IntRange(0, MAX_FREQUENCY_HZ),
    default=MAX_FREQUENCY_HZ,
    show_default=True,
    help="The highest rate of continuous profiling that the server may ask for. 0: none at all.",
)
@click.option(
    "--label",
    "labels",
    envvar="WEBPROF_AGENT_LABELS",
    multiple=True,
    metavar="NAME=VALUE",
    help="What this host's profiles are labelled with, such as env=prod. May be given several times.",
)
@click.option(
    "--read-variable",
    "variables",
    envvar="WEBPROF_AGENT_READ_VARIABLES",
    multiple=True,
    metavar="NAME",
    help="One more environment variable of processes that the server's service rules may look at.",
)
@click.option(
    "--hide-private",
    "hides_private",
    envvar="WEBPROF_AGENT_HIDE_PRIVATE",
    is_flag=True,
    help="Let no paths, arguments of programs or names of hosts leave this host in events and lists that people see.",
)
@click.option(
    "--allow-bpftrace",
    envvar="WEBPROF_AGENT_ALLOW_BPFTRACE",
    is_flag=True,
    help="Run bpftrace programs that people with that right send. They see everything on this host.",
)
def command(
    redis_url: str | None,
    host: str | None,
    cpu_limit: float,
    memory_limit: int,
    continuous_limit: int,
    labels: tuple[str, ...],
    variables: tuple[str, ...],
    hides_private: bool,
    allow_bpftrace: bool,
) -> None:
    """Run this host's agent: record what the server asks for. Recording needs root."""
    host = _host(host)
    redis_url = _redis_url(redis_url)
    # Until Celery has handlers of its own: end with the cleaning up that an exception gives.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    logging.basicConfig(level=logging.INFO, format=LOG_FORMAT)
    logging.getLogger("celery").setLevel(logging.WARNING)
    # Celery and friends are imported only now: `webprof agent --help` must answer at once.
    from profiler.agent import service  # noqa: PLC0415
    from profiler.agent.checks.host_check import check_host_in_child  # noqa: PLC0415
    from profiler.agent.continuous import Policy  # noqa: PLC0415

    budget = Budget(cpu_share=cpu_limit / 100 or None, memory_bytes=memory_limit << 20 or None)
    policy = Policy(continuous_limit, _labels(labels))
    policy = replace(policy, variables=policy.variables | set(variables))
    directory = env.data_dir() / "agent"
    settings = service.Settings(
        host, redis_url, env.broker_url(redis_url), directory, budget, policy, hides_private, allow_bpftrace
    )
    try:
        service.run(settings, check_host_in_child())
    except WebprofError as error:
        raise click.ClickException(str(error)) from error


def _host(given: str | None) -> str:
    if given is None:
        return host_id(socket.gethostname())
    if not re.fullmatch(HOST_ID_PATTERN, given):
        raise click.BadParameter(
            f"{given!r}: 1 to 64 of a-z, 0-9, '.', '_', '-', beginning and ending with a letter or digit",
            param_hint="--host-id",
        )
    return given


def _labels(given: tuple[str, ...]) -> dict[str, str]:
    if len(given) > MAX_LABELS:
        raise click.BadParameter(f"{len(given)} given, at most {MAX_LABELS}", param_hint="--label")
    try:
        return dict(parse_label(text) for text in given)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--label") from error


def _redis_url(given: str | None) -> str:
    url = given or env.redis_url()
    try:
        redis.Redis.from_url(url).close()
    except ValueError as error:
        raise click.BadParameter(f"{url!r}: {error}", param_hint="--redis-url") from error
    return url
