"""The 60-second check: started on hosts, fed by their feeds, kept as one page."""

from profiler.checkups.start import start

__all__ = ["start"]
