"""The `webprof` command: a group that imports a subcommand only when it is asked for.

`webprof profile`, `agent` and `doctor` run on hosts that have no Django, so naming one must not import the others.
A subcommand is a module of this package (`debug-file` is debug_file.py) with a click command called `command`, and
a line in `SUBCOMMANDS`.
"""

import importlib

import click

# name → what `webprof --help` says: the help must not import the commands either.
SUBCOMMANDS = {
    "agent": "Run this host's agent: record what the server asks for (root).",
    "debug-file": "Give a server the debug files that name functions of stripped programs.",
    "doctor": "Say what this host can record, and what is missing.",
    "profile": "Record stacks on this host and print them folded; needs no server.",
    "up": "Start everything on this machine and record a first profile (root).",
    "upload": "Send a profile file to a webprof server.",
}


class LazyGroup(click.Group):
    """A group whose commands are modules of this package, imported on use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(SUBCOMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in SUBCOMMANDS:
            return None
        command: click.Command = importlib.import_module(f"webprof.cli.{cmd_name.replace('-', '_')}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(sorted(SUBCOMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="webprof")
def main() -> None:
    """webprof: see what makes Linux machines slow."""
