"""What is let go of when: a check is of one moment, and old ones only fill the list. Its recordings stay."""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from profiler import access
from profiler.models import Checkup


def delete(user: access.Visitor, checkup_id: str | UUID) -> None:
    """With its share links; one that goes on ends. Its recordings stay, as profiles of their own."""
    access.changeable_checkup(user, checkup_id).delete()


def clean_checkups() -> None:
    Checkup.objects.filter(created_at__lt=timezone.now() - timedelta(days=settings.CHECKUP_DAYS)).delete()
