"""Links that let the browser fetch a page's ES modules at once instead of one level of imports after the other."""

import posixpath
import re
from functools import cache
from pathlib import Path

from django import template
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

register = template.Library()
# The same statements that webprof/staticfiles.py rewrites.
IMPORT = re.compile(r"""^(?:import|export)\b[^'";]*?(?:\bfrom\s*)?["'](\.[^"']+)["'];""", re.MULTILINE)


@register.simple_tag
def modulepreloads(*entries: str) -> SafeString:
    """One `modulepreload` link per module that these entry modules need, themselves included."""
    names = dict.fromkeys(name for entry in entries for name in module_graph(entry))
    return format_html_join("\n  ", '<link rel="modulepreload" href="{}">', ((static(name),) for name in names))


@cache
def module_graph(entry: str) -> tuple[str, ...]:
    """Static names of a module and all it imports, each once. Raises FileNotFoundError for a name that is not there."""
    found: dict[str, None] = {}
    waiting = [entry]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = None
            folder = posixpath.dirname(name)
            waiting += [posixpath.normpath(posixpath.join(folder, path)) for path in IMPORT.findall(_source(name))]
    return tuple(found)


def _source(name: str) -> str:
    path = finders.find(name)
    if path is None:
        raise FileNotFoundError(f"static module {name} does not exist")
    return Path(path).read_text()
