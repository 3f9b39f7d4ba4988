"""One feed: a probe that runs in a thread of its own, and what it sends on its way."""

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Generic, Protocol, TypeVar

from profiler.agent.probes.outbox import Outbox
from profiler.core.errors import WebprofError

logger = logging.getLogger(__name__)

# What waits when a feed ends is for nobody: a Redis that is there takes it in milliseconds.
_LAST_WORDS_S = 1.0
Batch = TypeVar("Batch")


class Source(Protocol[Batch]):
    """A probe at work, as its feed reads it. Made and used by the feed's thread."""

    pause_s: float

    def take(self) -> Sequence[Batch]:
        """What is due. Called again after `pause_s`."""
        ...

    def encode(self, batch: Batch) -> bytes: ...

    def not_sent(self, batches: Sequence[Batch]) -> None:
        """The newest ones that were taken reach nobody."""
        ...

    def close(self) -> None: ...


class Feed(Generic[Batch]):
    """`open_source` may take seconds, and raises WebprofError or OSError when the probe can't run."""

    def __init__(self, name: str, open_source: Callable[[], Source[Batch]], outbox: Outbox) -> None:
        self.name = name
        self._open = open_source
        self._outbox = outbox
        self._stopping = threading.Event()
        self._last_words = ""
        self.failed = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    @property
    def running(self) -> bool:
        """Or starting."""
        return self._thread.is_alive() and not self._stopping.is_set()

    def stop(self, why: str = "") -> None:
        """Detach soon. `why` is told to those who still watch."""
        self._last_words = why
        self._stopping.set()

    def join(self, timeout_s: float) -> None:
        self._thread.join(timeout_s)

    def _run(self) -> None:
        try:
            self._follow()
        except (WebprofError, OSError) as error:
            self._fail(str(error))
        except Exception as error:
            logger.exception("feed %s ended", self.name)
            self._fail(f"{type(error).__name__} in the agent; its log says more")
        finally:
            if self._last_words:
                self._outbox.put({"error": self._last_words.encode()})
            self._outbox.end(_LAST_WORDS_S)

    def _follow(self) -> None:
        source = self._open()
        logger.info("feed %s begins", self.name)
        try:
            while not self._stopping.wait(source.pause_s):
                self._send(source)
        finally:
            source.close()
            logger.info("feed %s is detached", self.name)

    def _send(self, source: Source[Batch]) -> None:
        batches = source.take()
        for i, batch in enumerate(batches):
            if not self._outbox.put({"data": source.encode(batch)}):
                source.not_sent(batches[i:])
                return

    def _fail(self, why: str) -> None:
        logger.error("feed %s: %s", self.name, why)
        self.failed = True
        self._last_words = why
