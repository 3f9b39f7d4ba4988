"""Numbers and times for people, as `static/js/core/format.js` writes them: thin spaces, units, no lies by rounding."""

from datetime import UTC, datetime

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from profiler.core.inventory import System

register = template.Library()
THIN = "\u2009"
BINARY = (("TiB", 2**40), ("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10))
TIMES = (("s", 1e9), ("ms", 1e6), ("µs", 1e3))
DISTANCES = (("d", 86_400), ("h", 3600), ("min", 60), ("s", 1))
# Less is "now".
NOW_S = 2


@register.filter
def count(n: int) -> str:
    """All digits, grouped: "2 966"."""
    return f"{n:,}".replace(",", THIN)


@register.filter
def size(n: int) -> str:
    """Binary multiples: "1.5 MiB"."""
    for unit, step in BINARY:
        if n >= step:
            return f"{_three(n / step)}{THIN}{unit}"
    return f"{n}{THIN}B"


@register.filter
def seconds(s: float) -> str:
    """A duration: "10 s", "2 min 5 s", "1 h 4 min", "250 ms"."""
    if s < 120:
        return nanoseconds(s * 1e9)
    steps = ((3600, "h"), (60, "min")) if s >= 3600 else ((60, "min"), (1, "s"))
    whole, rest = divmod(s, steps[0][0])
    parts = ((int(whole), steps[0][1]), (int(rest // steps[1][0]), steps[1][1]))
    return " ".join(f"{n}{THIN}{unit}" for n, unit in parts if n)


@register.filter
def nanoseconds(ns: float) -> str:
    """Three digits and the unit that suits: "1.24 s", "250 ms"."""
    for unit, step in TIMES:
        if ns >= step:
            return f"{_three(ns / step)}{THIN}{unit}"
    return f"{ns:.0f}{THIN}ns"


@register.filter
def days(s: float) -> str:
    """A long time without its small parts: "3 d 4 h"."""
    whole, rest = divmod(int(s), 86400)
    return f"{whole}{THIN}d {rest // 3600}{THIN}h" if whole else seconds(float(rest))


@register.filter
def percent(value: float | None) -> str:
    """A number that is a percentage already; small is not nothing, unknown is a dash."""
    if value is None:
        return "–"
    if 0 < value < 0.1:
        return f"<0.1{THIN}%"
    return f"{value:.1f}{THIN}%" if value else f"0{THIN}%"


@register.filter
def memory_used(system: System) -> int:
    """Bytes that are not available to new work."""
    return max(0, system.memory_total_bytes - system.memory_available_bytes)


@register.filter
def rate(period_ns: int) -> str:
    """How often a profile was sampled: "99 Hz", or the period when it is no whole frequency."""
    if period_ns <= 0:
        return ""
    hertz = 1e9 / period_ns
    if abs(hertz - round(hertz)) < 1e-3 * hertz and hertz >= 1:
        return f"{round(hertz)}{THIN}Hz"
    return f"every {nanoseconds(period_ns)}"


@register.simple_tag
def when(moment: datetime, show: str = "both") -> SafeString:
    """A time that `ui/when.js` keeps fresh, in the reader's zone. `show`: both | relative.

    Until then it is in UTC, in the very words that the page will write: other ones would move what stands beside it.
    """
    moment, now = moment.astimezone(UTC), timezone.now()
    full = f"{moment:%Y-%m-%d %H:%M:%S} UTC"
    absolute = f"{moment:%H:%M:%S} UTC" if moment.date() == now.date() else full
    short = show == "relative"
    return format_html(
        '<time datetime="{}" data-show="{}" title="{}">{}</time>',
        moment.isoformat(),
        show,
        f"{absolute} ({full})" if short else full,
        relative(moment, now) if short else f"{absolute}, {relative(moment, now)}",
    )


def relative(then: datetime, now: datetime) -> str:
    """ "3 min ago", "in 2 h", "now", as `core/moment.js` says it."""
    past = (now - then).total_seconds()
    if abs(past) < NOW_S:
        return "now"
    unit, step = next((unit, step) for unit, step in DISTANCES if abs(past) >= step)
    text = f"{int(abs(past) // step)}{THIN}{unit}"
    return f"{text} ago" if past >= 0 else f"in {text}"


def _three(value: float) -> str:
    """Three significant digits; whole numbers stay whole."""
    if value == int(value) or value >= 100:
        return count(round(value))
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"
