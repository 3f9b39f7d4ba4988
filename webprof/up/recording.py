"""The first profile: ten seconds of this host, so that there is something to see."""

import time

import click

from webprof.up.errors import UpError
from webprof.up.manage import Manage, finish
from webprof.up.watch import POLL_S, Say, Watch

DURATION_S = 10
# Not 100: a rate off the beat of timers that fire every 10 ms, which it would otherwise always or never see.
FREQUENCY_HZ = 99


def record_this_host(manage: Manage, host: str, watch: Watch, say: Say) -> str | None:
    """Record and wait for the profile: its path on the server, or None when it could not be recorded (said why)."""
    command = manage.start(
        "record", "--host", host, "--duration", str(DURATION_S), "--frequency", str(FREQUENCY_HZ), "--wait"
    )
    begin = time.monotonic()
    with click.progressbar(
        length=DURATION_S, label=f"webprof: recording {host} for {DURATION_S} s at {FREQUENCY_HZ} Hz"
    ) as bar:
        while command.poll() is None:
            watch.check()
            bar.update(min(DURATION_S, int(time.monotonic() - begin)) - bar.pos)
            time.sleep(POLL_S)
    try:
        return finish(command).strip().splitlines()[-1]
    except (UpError, IndexError) as error:
        say(f"this host could not be recorded; everything else works.\n{error}")
        return None
