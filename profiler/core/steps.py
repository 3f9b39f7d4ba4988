"""Steps of time for pictures: round ones, as the rollups of the store have them, so that those can answer."""

from profiler.core.range_cover import DAY_MS, HOUR_MS, MINUTE_MS

SECOND_MS = 1000
STEPS_MS = (
    *(n * SECOND_MS for n in (1, 2, 5, 10, 15, 30)),
    *(n * MINUTE_MS for n in (1, 2, 5, 10, 30)),
    *(n * HOUR_MS for n in (1, 2, 3, 6, 12)),
    *(n * DAY_MS for n in (1, 2, 5)),
)
# As many steps as a picture has columns that one can tell apart and aim at.
MAX_STEPS = 180


def step_for(range_ms: int) -> int:
    """The shortest round step that cuts a range into at most MAX_STEPS; static/js/core/time-range.js has the same."""
    return next((step for step in STEPS_MS if range_ms <= step * MAX_STEPS), -(-range_ms // MAX_STEPS))


def step_of_profiles(step_ms: int, length_ms: int) -> int:
    """The shortest round step of whole `step_ms` in which each profile of such a length fills a bar.

    A profile counts where it began: with shorter steps there would be bars of nothing between those of profiles.
    """
    # Clocks of agents are late by some milliseconds: profiles of ten seconds fill steps of ten.
    wanted = length_ms - length_ms // 20
    fitting = (step for step in STEPS_MS if step >= wanted and step % step_ms == 0)
    return step_ms if step_ms >= wanted else next(fitting, step_ms)
