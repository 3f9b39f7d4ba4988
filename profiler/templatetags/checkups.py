"""Values of answers to a 60-second check, with their units."""

from django import template

from profiler.core.checkup_findings import Level
from profiler.core.probe import Field, Shows
from profiler.templatetags.human import THIN, count, nanoseconds, size

register = template.Library()

_STATES = {Level.PROBLEM: "bad", Level.NOTICE: "warn", Level.FINE: "good", Level.UNKNOWN: "off"}


@register.filter
def state(level: Level) -> str:
    """The class of a state: shape and colour."""
    return _STATES[level]


@register.filter
def shown(text: str, field: Field) -> str:
    """A cell of an event: what is no number stays as it is."""
    if not text.isdecimal():
        return text
    number = int(text)
    if field.shows is Shows.DURATION:
        return nanoseconds(number) if number else "–"
    if field.shows is Shows.BYTES:
        return size(number)
    return count(number) if field.shows is Shows.NUMBER else text


@register.filter
def clock(text: str) -> str:
    """Seconds and milliseconds of a time of day (UTC) in Unix ns: events of a check are seconds apart."""
    milliseconds = int(text) // 1_000_000
    minutes, seconds = divmod(milliseconds // 1000, 60)
    hours = minutes // 60 % 24
    return f"{hours:02}:{minutes % 60:02}:{seconds:02}.{milliseconds % 1000:03}{THIN}UTC"
