"""A thread of the agent that follows settings, kept over its restarts, and rests while somebody asks for it."""

import contextlib
import logging
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel

from profiler.agent.stored_settings import read_settings, write_settings

logger = logging.getLogger(__name__)

Settings = TypeVar("Settings", bound=BaseModel)


class Following(ABC, Generic[Settings]):
    """`start` once; `configure` and `resting` from any thread. `_turn` is told of every change."""

    def __init__(self, name: str, path: Path, default: Settings) -> None:
        self._path = path
        self._settings = read_settings(path, default)
        self._turn = threading.Condition()
        self._ended = False
        self._resting = 0
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @property
    def settings(self) -> Settings:
        return self._settings

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout_s: float) -> None:
        """End; what was sampled so far is not lost."""
        with self._turn:
            self._ended = True
            self._turn.notify_all()
        self._thread.join(timeout_s)

    def configure(self, settings: Settings) -> None:
        """Follow these from now on, also after a restart. The same ones again change nothing."""
        if settings == self._settings:
            return
        write_settings(self._path, settings)
        logger.info("%s: %s", self._thread.name, settings)
        with self._turn:
            self._settings = settings
            self._turn.notify_all()

    @contextlib.contextmanager
    def resting(self) -> Iterator[None]:
        """Nothing is sampled inside; what is held stays."""
        self._rest(+1)
        try:
            yield
        finally:
            self._rest(-1)

    def _rest(self, change: int) -> None:
        with self._turn:
            self._resting += change
            self._turn.notify_all()

    @abstractmethod
    def _run(self) -> None:
        """The thread's body, until `_ended`."""
