"""Changes of what concerns the whole team, in words."""

from django import template

from profiler.models import Change

register = template.Library()


@register.filter
def differences(change: Change) -> list[str]:
    """What is not as it was: `frequency: 19 → 49`; of something new or gone all of it."""
    before, after = change.before or {}, change.after or {}
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return [f"{name}: {_text(before.get(name))} → {_text(after.get(name))}" for name in names]


def _text(value: object) -> str:
    return "–" if value in (None, "", {}) else str(value)
