"""`webprof debug-file`: give a server the debug files that name functions of stripped programs."""

import sys
from pathlib import Path

import click

from webprof import env
from webprof.cli.server_client import RefusedError, ServerClient, UnreachableError, local_server, wait_until_read


@click.group("debug-file")
def command() -> None:
    """Debug files name the functions of stripped programs, also in profiles that are already stored."""


@command.command("upload")
@click.argument(
    "files",
    metavar="PATH...",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path),
)
@click.option("--url", envvar="WEBPROF_URL", default="", help="The server. Default: this machine's.")
@click.option(
    "--token", envvar="WEBPROF_TOKEN", required=True, help="An API token, made at /tokens/ (or WEBPROF_TOKEN)."
)
def upload(files: tuple[Path, ...], url: str, token: str) -> None:
    """Send each PATH: a debug file, or a program or library that is not stripped.

    Prints its build id. Goes on after a file that is refused, and then ends with status 1.
    """
    try:
        client = ServerClient(url or local_server(), token)
    except (UnreachableError, RefusedError, env.SettingError) as error:
        raise click.ClickException(str(error)) from error
    refused = [file for file in files if not _send(client, file)]
    if refused:
        raise click.ClickException(f"{len(refused)} of {len(files)} files refused")


def _send(client: ServerClient, file: Path) -> bool:
    """Whether the server could use it. Raises ClickException when there is no server, so that nobody waits for each."""
    try:
        with click.progressbar(length=file.stat().st_size, label=f"sending {file.name}", file=sys.stderr) as bar:
            sent = client.send_file("/api/v1/debug-files", file, {}, bar.update)
        read = wait_until_read(client, sent)
        click.echo(f"{read['build_id']} {file}")
    except RefusedError as error:
        click.echo(f"{file}: {error}", err=True)
        return False
    except UnreachableError as error:
        raise click.ClickException(str(error)) from error
    except KeyError as error:
        raise click.ClickException(f"the server answered without {error}: is it a webprof server?") from error
    return True
