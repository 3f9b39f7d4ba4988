"""Lists whose state is in the URL."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

# Names read best from A, numbers and times from the largest.
FROM_SMALL = ("title", "host", "name", "state")


@register.simple_tag(takes_context=True)
def sort_header(context: Mapping[str, Any], key: str, label: str, classes: str = "") -> SafeString:
    """A column head that sorts by its column, and the other way round when it already does."""
    current = context["wanted"].sort
    ascending = key in FROM_SMALL
    if current in (key, f"-{key}"):
        ascending = current.startswith("-")
    query = context["request"].GET.copy()
    query.pop("page", None)
    query["sort"] = key if ascending else f"-{key}"
    return format_html(
        '<th scope="col" class="{}"{}><a href="?{}">{}</a></th>',
        classes,
        _aria(current, key),
        query.urlencode(),
        label,
    )


@register.simple_tag(takes_context=True)
def page_link(context: Mapping[str, Any], number: int) -> str:
    """The query string of another page of this list."""
    query = context["request"].GET.copy()
    query["page"] = str(number)
    return f"?{query.urlencode()}"


def _aria(current: str, key: str) -> SafeString:
    direction = {key: "ascending", f"-{key}": "descending"}.get(current)
    return format_html(' aria-sort="{}"', direction) if direction else SafeString()
