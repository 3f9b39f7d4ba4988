"""A stored profile as folded text."""

from io import StringIO

from profiler.formats.folded import dump
from profiler.models import StoredProfile
from profiler.query.asked import as_asked
from profiler.query.tree import load


def folded(profile: StoredProfile) -> str:
    """One line per stack, the thread's command first, with the marks the recording was asked for."""
    text = StringIO()
    dump(as_asked(profile, load(profile)), text.write)
    return text.getvalue()
