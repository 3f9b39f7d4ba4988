"""Recordings: starting, cancelling and following them."""

from profiler.jobs.cancel import cancel
from profiler.jobs.start import start
from profiler.jobs.validation import field_errors, parse_spec

__all__ = ["cancel", "field_errors", "parse_spec", "start"]
