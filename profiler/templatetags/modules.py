"""Links to the modules and style sheets of a page: those of the checkout, or the files that they were joined to."""

from functools import cache
from pathlib import Path

from django import template
from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from profiler.joined_files import MODULES, OPENING, STYLES, TWICE, graph

register = template.Library()


@register.simple_tag
def module_scripts(*entries: str) -> SafeString:
    """Script tags of entry modules, after one `modulepreload` for each file that they need.

    So the browser fetches all at once instead of one level of imports after the other.
    """
    needed = dict.fromkeys(name for entry in entries for name in files_of(entry))
    scripts = dict.fromkeys(_file(entry) for entry in entries)
    links = format_html_join("\n  ", '<link rel="modulepreload" href="{}">', ((static(name),) for name in needed))
    tags = format_html_join(
        "\n  ", '<script type="module"{} src="{}"></script>', ((_when(name), static(name)) for name in scripts)
    )
    return format_html("{}\n  {}", links, tags)


@register.simple_tag
def later_modules(*entries: str) -> SafeString:
    """Entry modules for the page's own script to load, when it is time (static/js/ui/opening.js)."""
    names = dict.fromkeys(_file(entry) for entry in entries)
    return format_html_join("\n  ", '<link rel="later-module" href="{}">', ((static(name),) for name in names))


@register.simple_tag
def styles(joined: str) -> SafeString:
    """Links to the sheets of one of STYLES, or to the one that they were joined to."""
    names = [joined] if is_joined(joined) else STYLES[joined]
    return format_html_join("\n  ", '<link rel="stylesheet" href="{}">', ((static(name),) for name in names))


def files_of(entry: str) -> tuple[str, ...]:
    """Static names of the files with a module and all it imports, each once."""
    file = _file(entry)
    own = TWICE if file == OPENING else frozenset()
    return tuple(dict.fromkeys(file if name in own else _file(name) for name in module_graph(entry)))


def is_joined(name: str) -> bool:
    """Whether `collectstatic` has made this file."""
    return not settings.DEBUG and name in getattr(staticfiles_storage, "hashed_files", {})


@cache
def module_graph(entry: str) -> tuple[str, ...]:
    """Static names of a module and all it imports, each once, what is imported last.

    Raises FileNotFoundError for a name that is not there.
    """
    return tuple(reversed(graph(_SOURCES, [entry])))


class _Sources(dict[str, str]):
    """Modules by static name, as they are found."""

    def __missing__(self, name: str) -> str:
        path = finders.find(name)
        if path is None:
            raise FileNotFoundError(f"static module {name} does not exist")
        return Path(path).read_text()


_SOURCES = _Sources()


def _when(name: str) -> str:
    """Modules that define elements run as soon as they are here, others once the page is parsed.

    So does the first picture: browsers look through the forms of a page that is parsed, without its styles if these are
    not here yet, and that took 26 ms. A page is not parsed before such a script has run.
    """
    first = MODULES.get(name, [name])[0]
    return mark_safe(" async") if first.startswith("js/ui/") and name != OPENING else ""


def _file(name: str) -> str:
    joined = _places().get(name, name)
    return joined if is_joined(joined) else name


@cache
def _places() -> dict[str, str]:
    """For each module that is joined with others the file it is in: the first that needs it."""
    places: dict[str, str] = {}
    for joined, entries in MODULES.items():
        for entry in entries:
            for name in module_graph(entry):
                places.setdefault(name, joined)
    return places
