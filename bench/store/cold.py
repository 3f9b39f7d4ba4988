"""What an object store costs a question: the first one, which fetches, beside the same one when copies are there.

Usage: WEBPROF_DATA=DIRECTORY python -m bench.store.cold [LATENCY_MS ...]
The directory is one that `build` filled; a copy of it is asked, whose segments are moved to an S3 server on loopback
(moto, of the test extra) that answers each request so much later (by default 0 and 30 ms). Prints the
best of some rounds: the machine is shared.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import django

SERVER = [sys.executable, "-m", "tests.store.s3_server"]
BUCKET = "profiles"
LATENCIES_MS = (0, 30)
REPEATS = 5


def main(latencies_ms: list[int]) -> None:
    source = Path(os.environ["WEBPROF_DATA"])
    with tempfile.TemporaryDirectory(dir=source.parent) as copy:
        shutil.copytree(source, copy, dirs_exist_ok=True)
        server = subprocess.Popen(SERVER, stdout=subprocess.PIPE, text=True)
        try:
            assert server.stdout is not None
            endpoint = f"http://127.0.0.1:{int(server.stdout.readline())}"
            use(copy, endpoint)
            measure(endpoint, latencies_ms)
        finally:
            server.kill()
            server.wait()


def use(directory: str, endpoint: str) -> None:
    """The settings are read from the environment, once."""
    options = {"endpoint_url": endpoint, "key": "bench", "secret": "bench-bench"}
    os.environ |= {"WEBPROF_DATA": directory, "WEBPROF_STORE": f"s3://{BUCKET}/bench"}
    os.environ["WEBPROF_STORE_OPTIONS"] = json.dumps(options)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webprof.settings")
    django.setup()


def measure(endpoint: str, latencies_ms: list[int]) -> None:
    from bench.store.measure import FIRST, asked  # noqa: PLC0415 needs the settings
    from profiler.catalog.local import segment_store  # noqa: PLC0415
    from profiler.store.store import Store  # noqa: PLC0415
    from tests.store.s3_server import Fault, tell  # noqa: PLC0415

    store = segment_store()
    put_there(store)
    objects = store.files.objects
    assert objects is not None
    questions = {"24 h, whole day": asked(FIRST, 0, 24), "23.4 h, edges in no step": asked(FIRST, 0.251, 23.651)}
    for latency_ms in latencies_ms:
        tell(endpoint, Fault(delay_s=latency_ms / 1000))
        for name, question in questions.items():
            colds, copied, warms = [], [], []
            for _ in range(REPEATS):
                for copy in objects.cache.root.iterdir():
                    copy.unlink()
                # Stores of their own, as of another process: what one knows is neither fetched nor read again.
                first, second = (Store(store.catalog, store.files.root, objects=objects) for _ in range(2))
                colds.append(timed(partial(tree, first, question)))
                copied.append(timed(partial(tree, second, question)))
                warms.append(timed(partial(tree, second, question)))
            fetched = [copy.stat().st_size for copy in objects.cache.root.iterdir()]
            print(
                f"1 service, {name}, {latency_ms} ms a request: first {min(colds):.2f} s ({len(fetched)} objects, "
                f"{sum(fetched) / 2**20:.1f} MiB), with copies {min(copied):.2f} s, warm {min(warms):.2f} s"
            )


def tree(store: Any, question: Any) -> bytes:
    """The message that the browser gets."""
    from profiler.core import wire  # noqa: PLC0415

    return wire.encode(store.merge(question).tree())


def put_there(store: Any) -> None:
    from profiler.store.objects.moving import move  # noqa: PLC0415

    store.files.objects.bucket.address.open().mkdir(BUCKET)
    begin = time.perf_counter()
    moved = list(move(store.catalog, store.files, out=True))
    count, size = sum(day.segments for day in moved), sum(day.bytes for day in moved)
    print(f"{count} segments, {size / 2**20:.0f} MiB put there in {time.perf_counter() - begin:.1f} s")


def timed(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


if __name__ == "__main__":
    main([int(text) for text in sys.argv[1:]] or list(LATENCIES_MS))
