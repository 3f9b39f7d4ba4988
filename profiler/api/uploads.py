"""What became of a file that was sent."""

from uuid import UUID

from django.http import HttpRequest
from ninja import Router

from profiler import access
from profiler.api.schemas import UploadOut

router = Router(tags=["profiles"])


@router.get("/{upload_id}", response=UploadOut, summary="How far reading a file is")
def upload(request: HttpRequest, upload_id: UUID) -> UploadOut:
    return UploadOut.of(access.upload(request.user, upload_id))
