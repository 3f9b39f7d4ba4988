"""API tokens: one's own."""

from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Status

from profiler import access
from profiler.api.schemas import NewTokenOut, TokenIn, TokenOut
from profiler.sharing import create_token, revoke_token

router = Router(tags=["tokens"])


@router.get("", response=list[TokenOut], summary="Your tokens")
def tokens(request: HttpRequest) -> list[TokenOut]:
    return [TokenOut.of(token) for token in access.tokens(request.user)]


@router.post("", response={201: NewTokenOut}, summary="Make a token; it may do what you may")
def create(request: HttpRequest, wanted: TokenIn) -> Status[NewTokenOut]:
    token, secret = create_token(request.user, wanted.name)
    return Status(201, NewTokenOut(**TokenOut.of(token).model_dump(), token=secret))


@router.delete("/{token_id}", response={204: None}, summary="Revoke a token")
def revoke(request: HttpRequest, token_id: UUID) -> Status[None]:
    revoke_token(request.user, token_id)
    return Status(204, None)
