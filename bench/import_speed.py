"""CPU time of imports: `python bench/import_speed.py FILE…`, of folded_stacks.py or perf_text.py, not compressed."""

import resource
import sys
import time
from pathlib import Path

from profiler.formats import registry


def main() -> None:
    for name in sys.argv[1:]:
        path = Path(name)
        with path.open("rb") as file:
            lines = sum(1 for _ in file)
            file.seek(0)
            start = time.process_time()
            profiles = registry.load(file, path.name)
            seconds = time.process_time() - start
        nodes = sum(len(profile.stacks) for profile in profiles)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        rate = f"{lines / seconds:,.0f} lines/s, {path.stat().st_size / seconds / 1e6:.0f} MB/s"
        print(f"{path.name}: {seconds:.2f} s, {rate}, {nodes:,} stack nodes, peak {peak} MB")


if __name__ == "__main__":
    main()
