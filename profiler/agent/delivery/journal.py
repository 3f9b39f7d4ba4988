"""Which runs this agent took on, on disk: a restarted agent must neither repeat a run nor forget one it dropped."""

import json
import logging
from pathlib import Path

from profiler.agent import atomic

logger = logging.getLogger(__name__)

# Celery delivers a message again within seconds; a thousand runs back is long ago.
MAX_KNOWN_RUNS = 1000


class RunJournal:
    """`current` is the run being recorded; `interrupted` the one that the agent before this one was killed in."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._known, self.interrupted = self._read()
        self.current: str | None = None

    def knows(self, run: str) -> bool:
        return run in self._known

    def begin(self, run: str) -> None:
        self.current = run
        self._remember(run)

    def refuse(self, run: str) -> None:
        """Remember a run that is never to be started."""
        self._remember(run)

    def end(self) -> None:
        self.current = None
        self._write()

    def _remember(self, run: str) -> None:
        self._known[run] = None
        while len(self._known) > MAX_KNOWN_RUNS:
            del self._known[next(iter(self._known))]
        self._write()

    def _read(self) -> tuple[dict[str, None], str | None]:
        try:
            stored = json.loads(self._path.read_text())
            return dict.fromkeys(map(str, stored["known"])), stored["current"]
        except FileNotFoundError:
            return {}, None
        except (OSError, ValueError, KeyError, TypeError) as error:
            logger.warning("%s can't be read, starting a new one: %s", self._path, error)
            return {}, None

    def _write(self) -> None:
        try:
            atomic.write(self._path, json.dumps({"current": self.current, "known": list(self._known)}).encode())
        except OSError as error:
            logger.warning("%s not written: a run sent twice may be recorded twice: %s", self._path, error)
