"""Records a host from the server's command line, as the admin."""

import time
from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from redis.exceptions import RedisError

from profiler import jobs
from profiler.core.channel import HEARTBEAT_TTL_S, RunState
from profiler.core.probe import ProbeError
from profiler.core.spec import CPU_PROBE, DEFAULT_DURATION_S, DEFAULT_FREQUENCY_HZ
from profiler.errors import ServiceError
from profiler.jobs.reconcile import OVERDUE
from profiler.jobs.tasks import PICKUP_S
from profiler.management.commands.loginlink import ensure_admin
from profiler.models import Run
from profiler.probes.stacks import read_settings

POLL_S = 0.2
# After a run is done its profile is stored within a second or two; this long without it is an error worth telling.
PROFILE_S = 30


class Command(BaseCommand):
    help = "Record one host; with --wait, print progress and at the end the path of the profile."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", required=True, help="the host's id, as on the hosts page")
        parser.add_argument("--probe", default=CPU_PROBE, help="one of the probes page")
        parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a parameter of the probe")
        parser.add_argument("--duration", type=float, default=DEFAULT_DURATION_S, metavar="S", help="seconds")
        parser.add_argument(
            "--frequency", type=int, metavar="HZ", help=f"samples a second, of cpu (default {DEFAULT_FREQUENCY_HZ})"
        )
        parser.add_argument(
            "--freeze", type=float, metavar="S", help="the last seconds that its flight recorder holds, instead"
        )
        parser.add_argument("--wait", action="store_true", help="until the profile is stored")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            spec = jobs.parse_spec(_wanted(options))
            run = jobs.start(ensure_admin(), spec, [options["host"]]).runs.get()
        except ServiceError as error:
            raise CommandError(error.message) from None
        except ProbeError as error:
            raise CommandError(str(error)) from None
        except RedisError as error:
            raise CommandError(f"Redis does not answer: {error}") from None
        path = self._wait(run.pk, spec.duration_s) if options["wait"] else f"/runs/{run.pk}/"
        self.stdout.write(path)

    def _wait(self, run_id: UUID, duration_s: float) -> str:
        """The profile's path. Raises CommandError with the run's own reason."""
        patience_s = PICKUP_S + duration_s + OVERDUE.seconds + HEARTBEAT_TTL_S + PROFILE_S
        deadline = time.monotonic() + patience_s
        shown = ""
        while time.monotonic() < deadline:
            run = Run.objects.select_related("profile").get(pk=run_id)
            shown = self._show(shown, run)
            if run.state in (RunState.FAILED, RunState.CANCELLED):
                raise CommandError(f"run {run_id} {run.state}: {run.message or 'no reason given'}")
            if run.state == RunState.DONE and (profile := getattr(run, "profile", None)):
                return f"/profiles/{profile.pk}/"
            time.sleep(POLL_S)
        raise CommandError(f"run {run_id} is still {run.state} after {patience_s:g} s: does the server's worker run?")

    def _show(self, before: str, run: Run) -> str:
        if run.state != before:
            self.stdout.write(f"{run.host_id}: {run.state}")
            self.stdout.flush()
        return run.state


def _wanted(options: dict[str, Any]) -> dict[str, Any]:
    if options["freeze"] is not None:
        return {"freeze_s": options["freeze"]}
    parameters = read_settings(options["probe"], options["set"])
    asked = {name: options[name] for name in ("probe", "frequency")}
    return asked | {"duration_s": options["duration"], "parameters": parameters}
