"""Debug files, and the files that profiles lack names of."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q, Sum
from django.db.models.functions import Coalesce

from profiler.core.profile import SAMPLES
from profiler.models.profile import StoredProfile

MAX_BUILD_ID = 128  # hexadecimal; SHA-1 ones have 40, none in use has more than 64
BUILD_ID_PATTERN = r"^[0-9a-f]{8,128}$"


# By build: nanoseconds and bytes of other probes' profiles don't add up with samples.
HIDDEN_SAMPLES = Coalesce(Sum("left", filter=Q(profile__unit=SAMPLES)), 0)


class DebugFile(models.Model):
    """Names and lines of one build of a program or library. The file itself is at `debugfiles.storage.path_of`.

    `build_id` is what a worker read in the file; empty until then. Of one build there is at most one ready file.
    A refused one has no file any more: it says why, and for one that no debuginfod server had, when it was asked.
    """

    class State(models.TextChoices):
        QUEUED = "queued"
        READING = "reading"
        READY = "ready"
        REFUSED = "refused"

    class Origin(models.TextChoices):
        UPLOAD = "upload"
        DEBUGINFOD = "debuginfod"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    build_id = models.CharField(max_length=MAX_BUILD_ID, blank=True, db_index=True)
    name = models.CharField(max_length=255, help_text="of the file that was sent, or of the module it was asked for")
    size = models.PositiveBigIntegerField(default=0)
    has_lines = models.BooleanField(
        default=False, help_text="DWARF: source lines and inlined functions, not only names"
    )
    origin = models.CharField(max_length=16, choices=Origin.choices, default=Origin.UPLOAD)
    uploader = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="debug_files"
    )
    state = models.CharField(max_length=16, choices=State.choices, default=State.QUEUED)
    message = models.CharField(max_length=2000, blank=True)
    ask_again_at = models.DateTimeField(null=True, blank=True, help_text="when debuginfod may be asked again")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-created_at",)
        constraints = (
            # Two workers may have read the same build at once; the database decides which one stays.
            models.UniqueConstraint(fields=("build_id",), condition=Q(state="ready"), name="one_debug_file_per_build"),
            models.UniqueConstraint(
                fields=("build_id", "origin"),
                condition=Q(origin="debuginfod"),
                name="one_debuginfod_answer_per_build",
            ),
        )

    def __str__(self) -> str:
        return self.name


class UnnamedModule(models.Model):
    """A file whose functions had no names when a profile was recorded: which profiles a debug file concerns.

    `value`: of the stacks in which it occurred without names; `left`: of those in which it still does.
    `debug_file` is the one whose names the profile has now; null when none was asked, or it was deleted since.
    """

    profile = models.ForeignKey(StoredProfile, on_delete=models.CASCADE, related_name="unnamed_modules")
    build_id = models.CharField(max_length=MAX_BUILD_ID)
    module = models.CharField(max_length=256)
    value = models.BigIntegerField()
    left = models.BigIntegerField()
    debug_file = models.ForeignKey(
        DebugFile, null=True, blank=True, on_delete=models.SET_NULL, related_name="unnamed_modules"
    )

    class Meta:
        ordering = ("-left", "module")
        constraints = (models.UniqueConstraint(fields=("profile", "build_id"), name="one_row_per_profile_and_build"),)
        indexes = (models.Index(fields=("build_id", "debug_file")),)

    def __str__(self) -> str:
        return f"{self.module} ({self.build_id})"
