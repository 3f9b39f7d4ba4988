"""A profile's samples over time, over HTTP: for the API, the pages and share links."""

from hashlib import sha256

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse

from profiler.core import wire
from profiler.errors import InvalidError
from profiler.models import StoredProfile
from profiler.query.moments import CHART, FUNCTION, OFFSET, chart, moments, parts_tree, times_of_functions
from profiler.query.parts import Parts
from profiler.query.time_range import asked_range
from profiler.query.tree import asked_group, asked_stacks

# What a window of 1440 px shows well: cells of some pixels.
DEFAULT_ROWS, DEFAULT_COLUMNS = 40, 240
MAX_NAME = 4096
CACHE = "private, no-cache"


def parts_response(request: HttpRequest, profile: StoredProfile, parts: Parts, content_type: str) -> HttpResponse:
    """The wire message of parts of the time, as `?group=&stacks=` ask. Raises InvalidError for a wrong one."""
    group, stacks = asked_group(request.GET.get("group")), asked_stacks(request.GET.get("stacks"))
    asked = sha256(f"{parts.text} {group} {stacks}".encode()).hexdigest()[:16]
    etag = f'"{profile.pk}-{profile.revision}-{asked}-{wire.SCHEMA}"'
    response: HttpResponse
    if request.headers.get("If-None-Match") == etag:
        response = HttpResponseNotModified()
    else:
        response = HttpResponse(parts_tree(profile, parts, group, stacks), content_type=content_type)
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = CACHE
    return response


def moments_response(request: HttpRequest, profile: StoredProfile) -> HttpResponse:
    """`?by=offset|thread|process|cpu&rows=&columns=&name=`; `?by=function&columns=&name=…&name=…`: a row for each
    function; `?by=chart&lane=&from=&to=`: a wire message of one thread in the order of time. Raises InvalidError."""
    asked = request.GET
    if asked.get("by") == CHART:
        part = asked_range(asked.get("from"), asked.get("to"))
        message = chart(profile, asked.get("lane", "")[:MAX_NAME], part)
        return HttpResponse(message, content_type="application/octet-stream", headers={"Cache-Control": CACHE})
    if asked.get("by") == FUNCTION:
        names = [name[:MAX_NAME] for name in asked.getlist("name")]
        found = times_of_functions(profile, names, _number(request, "columns", DEFAULT_COLUMNS))
        return JsonResponse(found, headers={"Cache-Control": CACHE})
    rows, columns = _number(request, "rows", DEFAULT_ROWS), _number(request, "columns", DEFAULT_COLUMNS)
    answer = moments(profile, asked.get("by", OFFSET), rows, columns, asked.get("name", "")[:MAX_NAME])
    return JsonResponse(answer, headers={"Cache-Control": CACHE})


def _number(request: HttpRequest, field: str, usual: int) -> int:
    text = request.GET.get(field, str(usual))
    if not (text.isdecimal() and len(text) <= 6):
        raise InvalidError(f"{field}: {text[:20]!r} is not a number", field)
    return int(text)
