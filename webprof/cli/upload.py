"""`webprof upload`: send a profile file to a server and print where it can be seen."""

import sys
import time
from pathlib import Path

import click

from webprof import env
from webprof.cli.server_client import RefusedError, ServerClient, UnreachableError

POLL_S = 0.3
# Reading a file takes seconds; a server whose worker is busy or gone must not hold a terminal or a CI job for ever.
READ_TIMEOUT_S = 600
UNFINISHED = ("queued", "reading")


def _local_server() -> str:
    return f"http://127.0.0.1:{env.number('WEBPROF_PORT', 8000, 1, 65535)}"


@click.command("upload")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path))
@click.option("--url", envvar="WEBPROF_URL", default="", help="The server. Default: this machine's.")
@click.option(
    "--token", envvar="WEBPROF_TOKEN", required=True, help="An API token, made at /tokens/ (or WEBPROF_TOKEN)."
)
@click.option("--name", default="", metavar="TITLE", help="What the profile is called. Default: the file's name.")
def command(file: Path, url: str, token: str, name: str) -> None:
    """Send FILE (folded stacks, `perf script` text, …) to a webprof server; prints the profile's URL."""
    try:
        client = ServerClient(url or _local_server(), token)
        size = file.stat().st_size
        with click.progressbar(length=size, label=f"sending {file.name}", show_pos=True, file=sys.stderr) as bar:
            upload = client.send_file("/api/v1/profiles", file, {"title": name} if name else {}, bar.update)
        for profile in _read(client, upload):
            click.echo(f"{client.base}/profiles/{profile}/")
    except (UnreachableError, RefusedError, env.SettingError) as error:
        raise click.ClickException(str(error)) from error
    except KeyError as error:
        raise click.ClickException(f"the server answered without {error}: is it a webprof server?") from error


def _read(client: ServerClient, upload: dict[str, object]) -> list[str]:
    """Wait until the server has read the file. Raises RefusedError with what it found wrong."""
    deadline = time.monotonic() + READ_TIMEOUT_S
    while upload["state"] in UNFINISHED:
        if time.monotonic() > deadline:
            raise RefusedError(
                f"not read within {READ_TIMEOUT_S} s (still {upload['state']}): does the server's worker run?"
            )
        time.sleep(POLL_S)
        upload = client.get(str(upload["status_url"]))
    if upload["state"] != "done":
        raise RefusedError(f"the server can't read this file: {upload['message']}")
    profiles = upload["profiles"]
    return [str(profile) for profile in profiles] if isinstance(profiles, list) else []
