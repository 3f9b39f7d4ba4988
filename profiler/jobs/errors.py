"""Why a recording can't start. Each names the host and what to do."""

from uuid import UUID

from profiler.errors import ConflictError, InvalidError


class UnknownHostError(InvalidError):
    code = "unknown_host"

    def __init__(self, host: str) -> None:
        super().__init__(
            f"host {host[:64]!r} is not known: start an agent there with `webprof agent`, or choose another",
            "hosts",
        )


class DeadHostError(ConflictError):
    code = "dead_host"

    def __init__(self, host: str, silent: str) -> None:
        super().__init__(f"host {host} has sent no heartbeat {silent}: check that its agent runs", "hosts")


class BusyHostError(ConflictError):
    """`run` is the run in the way; None when it ended a moment ago."""

    code = "busy_host"

    def __init__(self, host: str, run: UUID | None) -> None:
        way = f"run {run} is recording there: wait for it or cancel it" if run else "a run there just ended: try again"
        super().__init__(f"host {host} does one recording at a time, and {way}", "hosts")
        self.run = run


class IncapableHostError(ConflictError):
    code = "incapable_host"

    def __init__(self, host: str, probe: str, reason: str, fix: str) -> None:
        super().__init__(f"host {host} can't record {probe}: {reason}" + (f"; {fix}" if fix else ""), "hosts")
