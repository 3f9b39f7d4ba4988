"""A stored profile as folded text."""

from collections.abc import Sequence
from io import StringIO

from profiler.core.grouping import DEFAULT_GROUP, GroupBy
from profiler.formats.folded import dump
from profiler.models import StoredProfile
from profiler.query.asked import as_asked
from profiler.query.tree import load


def folded(profile: StoredProfile, group: Sequence[GroupBy] = DEFAULT_GROUP) -> str:
    """One line per stack, below what is known of its thread, with the marks the recording was asked for."""
    text = StringIO()
    dump(as_asked(profile, load(profile)), text.write, group=group)
    return text.getvalue()
