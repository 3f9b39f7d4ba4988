"""Tasks to hosts."""

from celery import current_app
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from profiler.core.channel import host_queue
from profiler.errors import UnavailableError

# An agent picks a task up in milliseconds. After this the person has gone, and a host that comes back later must not
# begin to record what nobody waits for.
PICKUP_S = 30


def send_to_host(host: str, task: str, **kwargs: object) -> None:
    """Put a task on a host's queue; it expires when nobody picks it up. Raises UnavailableError."""
    try:
        current_app.send_task(task, kwargs=kwargs, queue=host_queue(host), expires=PICKUP_S, retry=False)
    except (OperationalError, RedisError) as error:
        raise UnavailableError(f"Redis took no task for host {host}: {error}; try again") from error
