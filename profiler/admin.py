"""Django's admin: who may do what, and a look at the rows. Profiles and secrets are made elsewhere."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest

from profiler.models import ApiToken, CheckupShare, Host, Job, Note, Run, Share, StoredProfile, Upload

if TYPE_CHECKING:
    _Base = admin.ModelAdmin[Any]  # generic for the type checker only
else:
    _Base = admin.ModelAdmin


class _ReadOnly(_Base):
    """Rows follow agents and services; an admin may delete them, not rewrite them."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Host)
class HostAdmin(_ReadOnly):
    list_display = ("id", "first_seen", "last_seen")
    search_fields = ("id",)


@admin.register(Job)
class JobAdmin(_ReadOnly):
    list_display = ("id", "owner", "created_at")
    list_select_related = ("owner",)


@admin.register(Run)
class RunAdmin(_ReadOnly):
    list_display = ("id", "host", "state", "message", "created_at", "finished_at")
    list_filter = ("state", "host")
    list_select_related = ("host",)


@admin.register(StoredProfile)
class ProfileAdmin(_ReadOnly):
    list_display = ("title", "source", "host", "owner", "samples", "partial", "time")
    list_filter = ("source", "partial")
    list_select_related = ("host", "owner")
    search_fields = ("title",)


@admin.register(Upload)
class UploadAdmin(_ReadOnly):
    list_display = ("file_name", "owner", "state", "message", "size", "created_at")
    list_filter = ("state",)
    list_select_related = ("owner",)


@admin.register(Share)
class ShareAdmin(_ReadOnly):
    list_display = ("profile", "creator", "created_at", "expires_at", "revoked_at", "views")
    list_select_related = ("profile", "creator")
    exclude = ("token_hash",)


@admin.register(CheckupShare)
class CheckupShareAdmin(_ReadOnly):
    list_display = ("checkup", "creator", "created_at", "expires_at", "revoked_at", "views")
    list_select_related = ("checkup", "creator")
    exclude = ("token_hash",)


@admin.register(Note)
class NoteAdmin(_ReadOnly):
    list_display = ("profile", "name", "author", "created_at")
    list_select_related = ("profile", "author")


@admin.register(ApiToken)
class TokenAdmin(_ReadOnly):
    list_display = ("name", "user", "created_at", "last_used_at")
    list_select_related = ("user",)
    exclude = ("token_hash",)
