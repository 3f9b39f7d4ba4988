"""Revoking share links; they are made and listed below their profile."""

from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Status

from profiler.sharing import revoke_share

router = Router(tags=["profiles"])


@router.delete("/{share_id}", response={204: None}, summary="Close a share link for good")
def revoke(request: HttpRequest, share_id: UUID) -> Status[None]:
    revoke_share(request.user, share_id)
    return Status(204, None)
