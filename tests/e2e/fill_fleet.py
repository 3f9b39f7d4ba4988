"""Fill the store of the environment with the known fleet: `python -m tests.e2e.fill_fleet [MIDNIGHT in Unix time]`."""

import itertools
import os
import sys
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webprof.settings")
django.setup()

from profiler.catalog.local import local_store  # noqa: E402
from tests.e2e.known_fleet import MIDNIGHT, profiles  # noqa: E402

AT_ONCE = 100


def main() -> None:
    midnight_s = int(sys.argv[1]) if len(sys.argv) > 1 else int(MIDNIGHT.timestamp())
    store, made = local_store(), profiles(midnight_s)
    while some := list(itertools.islice(made, AT_ONCE)):
        store.append(some, int(time.time() * 1000))
    while store.compact():
        pass


if __name__ == "__main__":
    main()
