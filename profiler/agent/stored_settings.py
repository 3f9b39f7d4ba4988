"""What an agent was told to do, kept over its restarts."""

import logging
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from profiler.agent import atomic

Settings = TypeVar("Settings", bound=BaseModel)
log = logging.getLogger(__name__)


def read_settings(path: Path, default: Settings) -> Settings:
    """`default` where none were written, or where they can't be read."""
    try:
        return type(default).model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return default
    except (OSError, ValidationError) as error:
        log.warning("%s can't be read, so it starts as if it had never been told: %s", path, error)
        return default


def write_settings(path: Path, settings: BaseModel) -> None:
    """Settings that can't be written hold until the agent ends."""
    try:
        atomic.write(path, settings.model_dump_json().encode())
    except OSError as error:
        log.warning("%s not written: at the next start the agent must be told again: %s", path, error)
