"""Whether the histogram of block I/O agrees with /proc/diskstats: `python -m bench.block_latency_agreement` (root, dd).

Writes and reads 375 MB past the page cache on the disk of /var/tmp. The kernel counts from a request's making, the
probe from when the disk got it, so the probe's time is a little shorter.
"""

import os
import subprocess
import tempfile
from pathlib import Path

from profiler.agent.probes.histogram_source import HistogramSource
from profiler.probes.registry import probe_named

DIRECTORY = Path("/var/tmp")  # noqa: S108 on a disk, where /tmp may be memory
LOAD = (
    'dd if=/dev/zero of="$1" bs=256k count=1500 oflag=direct status=none; dd if="$1" of=/dev/null bs=64k iflag=direct '
    "status=none"
)
Told = dict[str, tuple[int, float]]  # by operation: requests, milliseconds


def diskstats(disk: str) -> Told:
    for line in Path("/proc/diskstats").read_text().splitlines():
        fields = line.split()
        if fields[2] == disk:
            return {"read": (int(fields[3]), int(fields[6])), "write": (int(fields[7]), int(fields[10]))}
    raise SystemExit(f"/proc/diskstats has no {disk}")


def main() -> None:
    number = DIRECTORY.stat().st_dev
    disk = Path(f"/sys/dev/block/{os.major(number)}:{os.minor(number)}").resolve().name
    probe = probe_named("block_latency")
    source = HistogramSource("bench", probe, probe.values({}))
    before = diskstats(disk)
    with tempfile.NamedTemporaryFile(dir=DIRECTORY) as file:
        subprocess.run(["sh", "-c", LOAD, "sh", file.name], check=True)
    after = diskstats(disk)
    (batch,) = source.finish()
    source.close()
    for operation in ("read", "write"):
        row = batch.labels.index((disk, operation))
        counted, ms = int(batch.counts[row].sum()), batch.sums[row] / 1e6
        kernel = [b - a for a, b in zip(before[operation], after[operation], strict=True)]
        told = f"diskstats {kernel[0]:,} in {kernel[1]:,.0f} ms, ratio {ms / kernel[1]:.2f}"
        print(f"{operation}: probe {counted:,} in {ms:,.0f} ms, {told}")
    print(f"lost: {batch.lost or 'nothing'}")


if __name__ == "__main__":
    main()
