"""Which tests go to the same of the processes that run tests side by side: those that share fixtures, made once then.

By file, and by what its text says. Marks of pytest-xdist have no effect: they are part of a test's id, which pytest 9.2
lets nobody change.
"""

from functools import cache
from pathlib import Path

from xdist.scheduler import LoadScopeScheduling

ROOT = Path(__file__).parent.parent
# Tests in the browser that need a whole webprof are two groups, so that two processes start one: those with agents,
# which wait, and the others. The viewer's need none and go where there is room.
WITH_AGENTS = {"test_recording", "test_flight", "test_continuous", "test_debug_files"}


class ByFixtures(LoadScopeScheduling):  # type: ignore[misc] # which has no types
    """Tests of a file with fixtures of the module go to one process, others to whichever is free."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid.partition("::")[0]) or nodeid


@cache
def group_of(path: str) -> str:
    """Of a test file; empty when its tests share nothing."""
    file = ROOT / path
    if file.parent.name == "e2e" and not file.stem.startswith("test_viewer"):
        return "with agents" if file.stem in WITH_AGENTS else "without agents"
    may_share = (file, file.with_name("conftest.py"))
    return path if any(one.exists() and 'scope="module"' in one.read_text() for one in may_share) else ""
