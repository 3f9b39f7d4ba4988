"""Having a worker look at a checkup in a while."""

from celery import current_app
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from profiler.core.channel import SERVER_QUEUE, TASK_CHECKUP
from profiler.errors import UnavailableError

# Leases last six times as long.
LOOK_S = 2


def look_again(checkup: str) -> None:
    """Raises UnavailableError."""
    try:
        current_app.send_task(TASK_CHECKUP, args=[checkup], queue=SERVER_QUEUE, countdown=LOOK_S, retry=False)
    except (OperationalError, RedisError) as error:
        raise UnavailableError(f"Redis takes no task: {error}; try again") from error
