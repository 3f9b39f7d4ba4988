"""Files sent from the browser: taken in, and what became of them. JSON, for `static/js/pages/profiles.js`."""

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from profiler import access
from profiler.errors import ServiceError
from profiler.ingest.upload import receive
from profiler.models import Upload
from profiler.views.errors import STATUS


@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """Multipart with one `file`. 201 and where to ask what became of it, or the reason of the refusal."""
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        return JsonResponse({"detail": "file: no file was sent; choose one"}, status=400)
    try:
        taken = receive(request.user, file.name or "", file.chunks())
    except ServiceError as refusal:
        return JsonResponse({"detail": refusal.message}, status=STATUS.get(type(refusal), (400, ""))[0])
    return JsonResponse(_answer(taken), status=201)


@never_cache
@require_safe
def status(request: HttpRequest, upload_id: str) -> HttpResponse:
    return JsonResponse(_answer(access.upload(request.user, upload_id)))


def _answer(upload: Upload) -> dict[str, object]:
    profiles = [reverse("profile", args=[pk]) for pk in upload.profiles.values_list("pk", flat=True)]
    return {
        "state": upload.state,
        "message": upload.message,
        "profiles": profiles,
        "status": reverse("upload-status", args=[upload.pk]),
    }
