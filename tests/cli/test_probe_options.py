"""`webprof profile --probe`: what does not fit a probe is refused before anything is recorded."""

import pytest
from click.testing import CliRunner

from webprof.cli.profile import command


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--probe", "tea"), "there is no probe 'tea' that records stacks; there are cpu, "),
        (("--probe", "page_faults", "-F", "99"), "Error: frequency is about sampling CPUs: probe page_faults is told"),
        (("--probe", "futex_waits", "--set", "least_us"), "'least_us' sets nothing: give name=value"),
        (("--probe", "futex_waits", "--set", "least_us=-1"), "least_us='-1' must be a whole number from 0 to"),
        (("--probe", "futex_waits", "--set", "most=1"), "has no parameter most; it has least_us"),
        (("--probe", "tracepoint", "--set", "event=../x"), "must be category:event"),
        (("--set", "hertz=1"), "probe cpu has no parameter hertz; it has none"),
    ],
)
def test_what_does_not_fit_is_told(arguments: tuple[str, ...], says: str) -> None:
    result = CliRunner().invoke(command, [*arguments, "1"])
    assert result.exit_code == 2
    assert says in result.output
