"""Stores the bench's profiles: `python -m bench.viewer.seed S=FILE …` prints a session's cookie, then their ids."""

import sys
from pathlib import Path

import django


def main() -> None:
    django.setup()
    from django.contrib.auth.models import User  # noqa: PLC0415 models exist after setup
    from django.test import Client  # noqa: PLC0415

    from profiler.core import batch  # noqa: PLC0415
    from profiler.ingest.store import Origin, store  # noqa: PLC0415

    owner = User.objects.create_superuser("bench")
    client = Client()
    client.force_login(owner)
    print(client.cookies["sessionid"].value)
    for argument in sys.argv[1:]:
        size, path = argument.split("=", 1)
        data = Path(path).read_bytes()
        print(store(batch.decode(data), Origin(owner, f"sample {size}", "folded"), data).pk)


if __name__ == "__main__":
    main()
