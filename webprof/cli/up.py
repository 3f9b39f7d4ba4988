"""`webprof up`: everything on this machine, supervised, with a first profile of it."""

import os
import time

import click

from webprof.env import SettingError
from webprof.up.config import UpConfig
from webprof.up.datadir import DataDir
from webprof.up.ending import StopRequested, stop_signals
from webprof.up.errors import UpError
from webprof.up.identity import Identity, choose_identity
from webprof.up.ports import require_free_port
from webprof.up.sequence import Start


@click.command("up")
@click.option("--host", "bind", default="127.0.0.1", metavar="ADDRESS", show_default=True, help="Address to listen on.")
@click.option("--record/--no-record", default=True, help="Record 10 s of this host once everything runs.")
def command(bind: str, *, record: bool) -> None:
    """Start Redis, the web server, the worker, beat and this host's agent, and keep them running.

    Settings are environment variables: WEBPROF_PORT (8000), WEBPROF_DATA (var/ in the checkout), WEBPROF_REDIS_URL
    (a Redis of its own), DATABASE_URL (SQLite in the data directory), WEBPROF_HOST_ID (the machine's name).
    """
    began = time.monotonic()
    try:
        with stop_signals():
            _up(bind, record=record, began=began)
    except (UpError, SettingError) as error:
        raise click.ClickException(str(error)) from error
    except StopRequested:
        _say("stopped")


def _up(bind: str, *, record: bool, began: float) -> None:
    if os.geteuid() != 0:
        raise UpError(
            "webprof up must be started by root (or with sudo): the agent loads BPF programs. "
            "The rest runs as another user."
        )
    config = UpConfig.from_environment(bind)
    data = DataDir(config.data)
    with data.acquire():
        require_free_port(config.bind, config.port)
        service = _service_user(config)
        data.prepare(service)
        _say(f"data in {data.root}, services run as {service.name}, the agent as root")
        Start(config, data, service, _say).run(record=record, began=began)


def _service_user(config: UpConfig) -> Identity:
    choice = choose_identity(config.checkout, os.environ)
    if choice.warning:
        click.secho(f"webprof: WARNING: {choice.warning}", fg="red", err=True)
    return choice.identity


def _say(message: str) -> None:
    click.echo(f"webprof: {message}")
