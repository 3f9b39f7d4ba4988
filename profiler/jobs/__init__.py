"""Recordings: starting, cancelling and following them."""

from profiler.jobs.cancel import cancel
from profiler.jobs.start import start

__all__ = ["cancel", "start"]
