"""The flight recorder: an agent that always samples a little keeps the last minutes, to be frozen after the fact."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

DEFAULT_MINUTES = 5
# Samples of a low rate stay small: an hour of eight busy CPUs at 19 Hz is about the memory it may take.
MAX_MINUTES = 60
# Often enough to see what was going on, too seldom to be felt; no divisor of timers at 100 or 250 Hz.
DEFAULT_FREQUENCY_HZ = 19
MAX_FREQUENCY_HZ = 99

Minutes = Annotated[int, Field(ge=1, le=MAX_MINUTES)]
Frequency = Annotated[int, Field(ge=1, le=MAX_FREQUENCY_HZ)]


class FlightSettings(BaseModel):
    """What an agent's flight recorder is told, and keeps over restarts."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    on: bool = False
    minutes: Minutes = DEFAULT_MINUTES
    frequency: Frequency = DEFAULT_FREQUENCY_HZ
