"""A host's flight recorder: switching it, and whether it can be frozen."""

from profiler import access, heartbeats
from profiler.core.channel import TASK_FLIGHT
from profiler.core.flight import FlightSettings
from profiler.core.inventory import Flight
from profiler.errors import ConflictError
from profiler.jobs.errors import DeadHostError
from profiler.jobs.tasks import send_to_host


class FlightRecorderError(ConflictError):
    """Nothing can be frozen on a host: its flight recorder is off, or does not work."""

    code = "flight_recorder"


def switch(user: access.Visitor, host_id: str, settings: FlightSettings) -> None:
    """Tell a host how its flight recorder is to run; its heartbeats say when it does.

    The agent keeps the settings: they are about that machine, and hold while the server is away. Raises ForbiddenError,
    NotFoundError, DeadHostError or UnavailableError.
    """
    access.operator(user, "switch the flight recorder")
    host = access.host(user, host_id)
    if host.pk not in heartbeats.of([host.pk]):
        raise DeadHostError(host.pk, "for a while")
    send_to_host(host.pk, TASK_FLIGHT, **settings.model_dump())


def require_held(host: str, flight: Flight) -> None:
    """Raise FlightRecorderError unless something can be frozen, as far as the last heartbeat tells."""
    if not flight.on:
        raise FlightRecorderError(
            f"the flight recorder of host {host} is off: switch it on, and freeze when something has happened", "hosts"
        )
    if not flight.held_s:
        why = flight.problem or "it has just been switched on"
        raise FlightRecorderError(f"the flight recorder of host {host} holds nothing yet: {why}", "hosts")
