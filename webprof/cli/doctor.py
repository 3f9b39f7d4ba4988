"""`webprof doctor`: can this host record, and if not, why not."""

import json
import os
import platform

import click

from webprof import env

COLOURS = {"ok": "green", "warn": "yellow", "fail": "red"}
# Of the JSON document; a change that can break a reader makes it 2.
SCHEMA = 1


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of lines.")
@click.option("--redis-url", envvar="WEBPROF_REDIS_URL", help="The Redis that the agent would use.")
def command(redis_url: str | None, *, as_json: bool) -> None:
    """Check everything a recording on this host needs. Exits with 1 when recording can't work."""
    from profiler.agent.checks.doctor import examine  # noqa: PLC0415 `--help` must answer at once
    from profiler.agent.checks.findings import Status  # noqa: PLC0415

    found = examine(redis_url or env.redis_url(), env.data_dir() / "agent", redis_configured=bool(redis_url))
    can_record = all(finding.status is not Status.FAIL for finding in found)
    if as_json:
        checks = [{"name": line.name, "status": line.status.value, "why": line.why, "fix": line.fix} for line in found]
        document = {"schema": SCHEMA, "host": platform.node(), "can_record": can_record, "checks": checks}
        click.echo(json.dumps(document, indent=2))
    else:
        for line in found:
            click.echo(f"{click.style(f'{line.status.value:4}', fg=COLOURS[line.status])}  {line.name}: {line.why}")
            if line.fix:
                click.echo(f"      → {line.fix}")
        click.echo("This host can record." if can_record else "This host can't record: see the lines with fail.")
    raise SystemExit(os.EX_OK if can_record else 1)
