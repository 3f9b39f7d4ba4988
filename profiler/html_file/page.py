"""The file itself: what it says of the profile, and everything it needs to show it."""

from collections.abc import Mapping
from importlib.metadata import version

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import mark_safe

from profiler.html_file.own_files import own_files
from profiler.html_file.packed import pack


def html_file(message: bytes, title: str, facts: Mapping[str, object], opens: str = "") -> str:
    """`message`: wire message of a tree. `facts`: what the template's head tells of it. `opens`: a view's query string.

    Raises TooLargeError.
    """
    own, packed = own_files(), pack(message)
    # These are files of ours, and base64.
    raw = {"script": mark_safe(own.script), "worker": mark_safe(own.worker), "styles": mark_safe(own.styles)}  # noqa: S308
    shown = {
        **facts,
        **raw,
        "title": title,
        "opens": opens.removeprefix("?"),
        "packed": packed,
        "places": packed.nodes + packed.cut,
        "policy": own.policy,
        "icon": own.icon,
        "version": version("webprof"),
        "saved_at": timezone.now(),
    }
    return render_to_string("saved.html", shown)
