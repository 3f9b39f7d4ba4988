"""The command line's group: what it lists, and what it must not import."""

import subprocess
import sys

import pytest
from click.testing import CliRunner

from webprof.cli import SUBCOMMANDS, main

HOST_COMMANDS = ("agent", "doctor", "profile")


def test_help_lists_every_subcommand_without_importing_one() -> None:
    code = (
        "import sys; from webprof.cli import main; main(['--help'], standalone_mode=False); print(sorted(sys.modules))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert all(name in shown for name in SUBCOMMANDS)
    assert "webprof.cli.up" not in shown.splitlines()[-1]


@pytest.mark.parametrize("name", HOST_COMMANDS)
def test_commands_of_a_host_import_no_django(name: str) -> None:
    code = (
        "import sys; from webprof.cli import main\n"
        f"main([{name!r}, '--help'], standalone_mode=False)\n"
        "sys.exit('django' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr


def test_an_unknown_subcommand_is_named() -> None:
    result = CliRunner().invoke(main, ["recrod"])
    assert result.exit_code == 2
    assert "recrod" in result.output
