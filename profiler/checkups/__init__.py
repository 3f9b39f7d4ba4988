"""The 60-second check: started on hosts, fed by their feeds, kept as one page."""

from profiler.checkups.retention import delete
from profiler.checkups.start import start

__all__ = ["delete", "start"]
