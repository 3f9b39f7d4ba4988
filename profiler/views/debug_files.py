"""Debug files: what is missing most, what there is, sending and deleting."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from profiler import access
from profiler.debugfiles import intake
from profiler.debugfiles.debuginfod import server_name
from profiler.debugfiles.storage import MAX_DEBUG_FILE_BYTES
from profiler.query import debug_files as query
from profiler.views.profiles import page_number


@require_safe
def debug_files(request: HttpRequest) -> HttpResponse:
    """`?profile=` shows what one profile lacks; `?q=&sort=&page=` are about the files there are."""
    asked = request.GET.get("profile", "")
    profile = access.profile(request.user, asked) if asked else None
    wanted = query.DebugFileFilter(
        text=request.GET.get("q", "")[:200],
        sort=request.GET.get("sort") or query.DEFAULT_SORT,
        page=page_number(request.GET.get("page", "1")),
    )
    shown = {
        "page": query.list_debug_files(request.user, wanted),
        "wanted": wanted,
        "profile": profile,
        "missing": query.missing_in(request.user, profile.pk) if profile else query.missing(request.user),
        "servers": [server_name(url) for url in settings.DEBUGINFOD_URLS],
        "max_bytes": MAX_DEBUG_FILE_BYTES,
    }
    return render(request, "debug_files.html", shown)


@require_POST
def delete(request: HttpRequest, file_id: str) -> HttpResponse:
    name = access.debug_file(request.user, file_id).name
    intake.delete(request.user, file_id)
    messages.success(request, f"Debug file “{name}” is deleted; profiles lose the names it gave them.")
    return redirect("debug-files")
