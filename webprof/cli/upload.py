"""`webprof upload`: send a profile file to a server and print where it can be seen."""

import sys
from pathlib import Path

import click

from webprof import env
from webprof.cli.server_client import RefusedError, ServerClient, UnreachableError, local_server, wait_until_read


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
        client = ServerClient(url or local_server(), token)
        size = file.stat().st_size
        with click.progressbar(length=size, label=f"sending {file.name}", show_pos=True, file=sys.stderr) as bar:
            upload = client.send_file("/api/v1/profiles", file, {"title": name} if name else {}, bar.update)
        for profile in wait_until_read(client, upload)["profiles"]:
            click.echo(f"{client.base}/profiles/{profile}/")
    except (UnreachableError, RefusedError, env.SettingError) as error:
        raise click.ClickException(str(error)) from error
    except KeyError as error:
        raise click.ClickException(f"the server answered without {error}: is it a webprof server?") from error
