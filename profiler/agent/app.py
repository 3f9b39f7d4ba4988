"""The agent's Celery application: control messages from one host's queue, and nothing else."""

import warnings
from collections.abc import Callable
from typing import Any

from celery import Celery, signals
from celery.exceptions import SecurityWarning
from celery.worker.consumer import Consumer
from kombu import Message, Queue
from kombu.exceptions import OperationalError

from profiler.core.channel import SERVER_QUEUE, TASK_INGEST, host_queue

# A nudge only saves the server from waiting for its next regular look.
NUDGE_EXPIRES_S = 5
# Tasks return at once, so an unacknowledged message this old belongs to an agent that was killed. The server's
# expiry of record messages (30 s) must not be outlived by much.
VISIBILITY_TIMEOUT_S = 30
# An answer this late, when a message is waited for (BROKER_WAIT_S), means a dead connection.
BROKER_SOCKET_TIMEOUT_S = 20
BROKER_CONNECT_TIMEOUT_S = 2
# A message comes at once; without one Redis answers after this long, and is asked again. Kombu's own second is a tenth
# of what an agent takes that does nothing.
BROKER_WAIT_S = 5
PREFETCH = 1


class StrictConsumer(Consumer):
    """Refuses a message that Celery trips over. Celery's own stops the whole worker for it."""

    connection_errors: tuple[type[Exception], ...]

    def create_task_handler(self, *args: Any, **kwargs: Any) -> Callable[[Message], None]:
        handle = super().create_task_handler(*args, **kwargs)

        def handle_or_refuse(message: Message) -> None:
            try:
                handle(message)
            except self.connection_errors:
                raise
            except Exception as error:
                self.on_invalid_task(None, message, error)

        return handle_or_refuse


def create_app(host: str, broker_url: str) -> Celery:
    """An application that consumes `host.<id>` only. `fixups` are off because Celery's own imports Django."""
    # Root is needed for BPF; Celery warns of it because of pickle, which is not accepted here.
    warnings.filterwarnings("ignore", category=SecurityWarning)
    # A receiver of this signal keeps Celery from replacing the log levels that `webprof agent` chose.
    signals.setup_logging.connect(_keep_logging)
    app = Celery("webprof-agent", broker=broker_url, fixups=[])
    queue = host_queue(host)
    app.conf.update(
        accept_content=["json"],
        task_serializer="json",
        task_ignore_result=True,
        task_queues=[Queue(queue)],
        task_default_queue=queue,
        # After, not before: a task is done when its thread runs, and each is safe to receive twice. What a killed
        # agent had taken but not begun comes again, unless it has expired.
        task_acks_late=True,
        worker_prefetch_multiplier=PREFETCH,
        worker_consumer=f"{__name__}:StrictConsumer",
        # Remote control could shut the worker down or call tasks; nobody here uses it.
        worker_enable_remote_control=False,
        worker_redirect_stdouts=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options=_transport_options(host),
        timezone="UTC",
    )
    return app


def _keep_logging(**_: object) -> None: ...


def _transport_options(host: str) -> dict[str, object]:
    """Keys of our own for unacknowledged messages: by Kombu's default all workers of a Redis share one set, and this
    agent's short visibility timeout would send the server's tasks twice.
    """
    return {
        "visibility_timeout": VISIBILITY_TIMEOUT_S,
        "unacked_key": f"webprof:unacked:{host}",
        "unacked_index_key": f"webprof:unacked-index:{host}",
        "unacked_mutex_key": f"webprof:unacked-mutex:{host}",
        "polling_interval": BROKER_WAIT_S,
        "socket_timeout": BROKER_SOCKET_TIMEOUT_S,
        "socket_connect_timeout": BROKER_CONNECT_TIMEOUT_S,
        "socket_keepalive": True,
    }


def create_worker(app: Celery, host: str) -> Any:
    """A worker with pool `solo`: tasks return in microseconds, so processes or threads for them would only cost.

    The recording has a thread of its own in this process, which a forked pool could not offer.
    """
    return app.Worker(
        pool="solo",
        concurrency=1,
        hostname=f"agent@{host}",
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
        quiet=True,
    )


def nudger(app: Celery) -> Callable[[], None]:
    """Tells the server to look at the streams now. Failures don't matter: it looks every few seconds anyway."""

    def nudge() -> None:
        try:
            app.send_task(TASK_INGEST, queue=SERVER_QUEUE, expires=NUDGE_EXPIRES_S, retry=False, ignore_result=True)
        except OperationalError as error:
            app.log.get_default_logger().debug("nudge not sent: %s", error)

    return nudge
