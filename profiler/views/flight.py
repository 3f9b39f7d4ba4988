"""The flight recorder of a host: freezing what it holds, switching it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST
from pydantic import ValidationError

from profiler import access, jobs
from profiler.core.flight import FlightSettings
from profiler.errors import InvalidError
from profiler.jobs.flight import switch


@require_POST
def freeze(request: HttpRequest, host_id: str) -> HttpResponse:
    """The last `seconds` as a profile: a run that only waits for it."""
    host = access.host(request.user, host_id)
    spec = jobs.parse_spec({"freeze_s": request.POST.get("seconds", "")})
    return redirect("run", jobs.start(request.user, spec, [host.pk]).runs.get().pk)


@require_POST
def set_flight(request: HttpRequest, host_id: str) -> HttpResponse:
    access.host(request.user, host_id)
    settings = _settings(request)
    switch(request.user, host_id, settings)
    state = f"on, for the last {settings.minutes} min" if settings.on else "off"
    messages.success(request, f"{host_id} is told to switch its flight recorder {state}: see below in a few seconds.")
    return redirect("host", host_id)


def _settings(request: HttpRequest) -> FlightSettings:
    asked = {name: request.POST[name] for name in FlightSettings.model_fields if name in request.POST}
    try:
        return FlightSettings.model_validate(asked)
    except ValidationError as error:
        field, message = jobs.field_errors(error)[0]
        raise InvalidError(message, field) from None
