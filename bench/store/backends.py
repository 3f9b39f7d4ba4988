"""Both backends of the profile store, the same profiles and questions in the same run.

Usage: python -m bench.store.backends [--services 4] [--minutes 240] [--repeats 3] [--costs FILE]
ClickHouse is its engine of PyPI behind the tests' front (one process, one question at a time). CPU: ours and the
engine's, the least of the repeats; wall: the median. Each backend has a directory and a database of its own.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

BACKENDS = ("embedded", "clickhouse")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("--services", 4), ("--minutes", 240), ("--repeats", 3)):
        parser.add_argument(name, type=int, default=default)
    parser.add_argument("--costs", help="a file for what bench.store.scaling reckons with")
    asked = parser.parse_args()
    options = [f"--{name}={getattr(asked, name)}" for name in ("services", "minutes", "repeats")]
    found = {name: child(name, options) for name in BACKENDS}
    print(
        f"{found['embedded']['profiles']:,} profiles, {found['embedded']['rows']:,} rows, load {os.getloadavg()[0]:.1f}"
    )
    print(f"{'':44} {'embedded':>19} {'clickhouse':>19}   ratio of CPU")
    for name, (cpu, wall) in found["embedded"]["times"].items():
        theirs = found["clickhouse"]["times"][name]
        print(f"{name:44} {cpu:8.3f} ({wall:7.3f}) {theirs[0]:8.3f} ({theirs[1]:7.3f}) s  {theirs[0] / cpu:6.2f}")
    for name, values in found["clickhouse"]["sizes"].items():
        print(f"{name:44} {found['embedded']['sizes'][name]:12,.2f} {values:12,.2f}")
    assert found["embedded"]["totals"] == found["clickhouse"]["totals"], "the backends disagree"
    print("both say the same")
    print(json.dumps({name: found[name]["costs"] for name in BACKENDS}, indent=1))
    if asked.costs:
        Path(asked.costs).write_text(json.dumps({name: found[name]["costs"] for name in BACKENDS}, indent=1))


def child(backend: str, options: list[str]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as directory:
        environment = {**os.environ, "WEBPROF_DATA": directory}
        command = [sys.executable, "-m", "tests.store.clickhouse_front", f"{directory}/engine"]
        engine = subprocess.Popen(command, stdout=subprocess.PIPE, text=True) if backend == "clickhouse" else None
        try:
            if engine and engine.stdout:
                environment["WEBPROF_STORE"] = f"clickhouse://127.0.0.1:{int(engine.stdout.readline())}/bench"
                environment["BENCH_ENGINE"] = str(engine.pid)
            again = [sys.executable, "-m", "bench.store.one_backend", *options]
            answer = subprocess.run(again, env=environment, stdout=subprocess.PIPE, check=True)
        finally:
            if engine:
                engine.kill()
                engine.wait()
        found: dict[str, Any] = json.loads(answer.stdout)
        found["costs"]["load"] = os.getloadavg()[0]
        return found


if __name__ == "__main__":
    main()
