"""A profile as one HTML file over HTTP: for the API, the pages and share links."""

import re
from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse

from profiler.errors import InvalidError
from profiler.html_file.packed import MAX_FILE_NODES
from profiler.html_file.page import html_file
from profiler.models import StoredProfile
from profiler.models.share import MAX_VIEW_STATE
from profiler.query.moments import parts_tree
from profiler.query.parts import asked_parts
from profiler.query.tree import TreeAsked, asked_group, asked_stacks, tree

MAX_FILE_NAME = 100


def profile_file(request: HttpRequest, profile: StoredProfile) -> HttpResponse:
    """What `?group=&stacks=` ask, with `at=&base=` of parts of the time. Raises InvalidError, TooLargeError."""
    group, stacks = asked_group(request.GET.get("group")), asked_stacks(request.GET.get("stacks"))
    at, base = request.GET.getlist("at"), request.GET.getlist("base")
    if parts := asked_parts(at, base):
        message = parts_tree(profile, parts, group, stacks, MAX_FILE_NODES)
    else:
        message = tree(profile, TreeAsked(group, stacks=stacks), MAX_FILE_NODES)
    facts = {
        "facts_template": "parts/profile_facts.html",
        "profile": profile,
        "run": profile.run,
        "group": ", ".join(group) if "group" in request.GET else "",
        "stacks": "" if stacks == "all" else stacks,
        "at": at,
        "base_at": base if parts else (),
    }
    return file_response(request, message, profile.title, facts)


def file_response(request: HttpRequest, message: bytes, title: str, facts: Mapping[str, object]) -> HttpResponse:
    """It is for a disk: shown from here its scripts would be the server's own. `?opens=`: what it opens with."""
    opens = request.GET.get("opens", "")
    if len(opens) > MAX_VIEW_STATE:
        raise InvalidError(f"opens: {len(opens)} characters are over the limit of {MAX_VIEW_STATE}", "opens")
    response = HttpResponse(html_file(message, title, facts, opens), content_type="text/html; charset=utf-8")
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", title).strip("-.") or "profile"
    response.headers["Content-Disposition"] = f'attachment; filename="{name[:MAX_FILE_NAME]}.html"'
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = "private, no-cache"
    return response
