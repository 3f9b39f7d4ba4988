"""The list of profiles, one profile, its tree, its export, its deletion."""

import re

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_POST, require_safe

from profiler import access
from profiler.api.html_file import profile_file
from profiler.api.moments import moments_response
from profiler.api.responses import folded_response, tree_response
from profiler.ingest.upload import MAX_UPLOAD_BYTES
from profiler.notes import count_notes
from profiler.query import profiles as query
from profiler.views.opening import first_tree


@require_safe
def profiles(request: HttpRequest) -> HttpResponse:
    """All state is in the URL: `?q=&host=&source=&kind=&sort=&page=`."""
    wanted = query.ProfileFilter(
        text=request.GET.get("q", "")[:200],
        host=request.GET.get("host", ""),
        source=request.GET.get("source", ""),
        kind=request.GET.get("kind", ""),
        sort=request.GET.get("sort") or query.DEFAULT_SORT,
        page=page_number(request.GET.get("page", "1")),
    )
    shown = {
        "page": query.list_profiles(request.user, wanted),
        "wanted": wanted,
        "filtered": bool(wanted.text or wanted.host or wanted.source or wanted.kind),
        "hosts": access.hosts(request.user).values_list("pk", flat=True),
        "kinds": query.kinds(request.user),
        "sources": query.sources(request.user),
        "max_bytes": MAX_UPLOAD_BYTES,
    }
    return render(request, "profiles.html", shown)


@cache_control(private=True, no_cache=True)  # it holds what its tree says
@require_safe
def profile(request: HttpRequest, profile_id: str) -> HttpResponse:
    found = access.profile(request.user, profile_id)
    may_change = access.may_change(request.user, found)
    shown = {
        "profile": found,
        "run": found.run,
        "may_change": may_change,
        "embeds": bool(settings.EMBED_ORIGINS),
        "notes_count": count_notes(found),
        "first_tree": first_tree(request.GET, found),
    }
    return render(request, "profile.html", shown)


@require_GET
def tree(request: HttpRequest, profile_id: str) -> HttpResponse:
    return tree_response(request, access.profile(request.user, profile_id))


@require_GET
def moments(request: HttpRequest, profile_id: str) -> HttpResponse:
    """When its samples were taken, for the heat map."""
    return moments_response(request, access.profile(request.user, profile_id))


@require_GET
def folded(request: HttpRequest, profile_id: str) -> HttpResponse:
    """Folded stacks, as a file."""
    found = access.profile(request.user, profile_id)
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", found.title).strip("-.") or "profile"
    response = folded_response(found, request.GET.get("group"))
    response["Content-Disposition"] = f'attachment; filename="{name[:100]}.folded"'
    return response


@require_GET
def html(request: HttpRequest, profile_id: str) -> HttpResponse:
    """A page that holds the viewer and the profile, as a file."""
    return profile_file(request, access.profile(request.user, profile_id))


@require_POST
def delete(request: HttpRequest, profile_id: str) -> HttpResponse:
    title = access.profile(request.user, profile_id).title
    query.delete_profile(request.user, profile_id)
    messages.success(request, f"Profile “{title}” is deleted, and its share links with it.")
    return redirect("profiles")


def page_number(text: str) -> int:
    """What is no page is the first one: old links must not fail."""
    return int(text) if text.isdecimal() and len(text) < 10 else 1
