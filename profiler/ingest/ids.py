"""Ids of profiles that are made here."""

import os
import time
from uuid import UUID

from profiler.core.ids import RANDOM_BYTES, uuid7


def new_profile_id() -> UUID:
    return uuid7(time.time_ns() // 1_000_000, os.urandom(RANDOM_BYTES))
