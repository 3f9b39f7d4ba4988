"""Programs that are known to be hard to unwind, kept busy."""

import contextlib
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.pythons import MINORS, releases

WORKLOADS = Path(__file__).resolve().parent.parent / "tests" / "workloads"

PYTHON = """
import re
def leaf(text):
    return re.sub(r"[a-f]+", lambda found: found.group().upper(), text)
def descend(depth):
    if depth:
        return descend(depth - 1) + 1
    return len(leaf("abc def ghi" * 20)) + sum(sorted(range(200), key=lambda n: n % 17))
while True:
    descend(30)
"""
BASH = """
descend() { if (($1)); then descend $(($1 - 1)); : after; else for i in {1..200}; do x=${i/1/2}; done; fi; }
while :; do descend 9; done
"""
PERL = """
sub leaf { return scalar(map { s/a/b/gr } sort { $a <=> $b } 1..300) }
sub descend { my $n = shift; return $n ? descend($n - 1) + 1 : leaf() }
descend(20) while 1
"""
NODE = """
function leaf() {
  return [...Array(300).keys()].sort((a, b) => b % 17 - a % 17).map(n => ("x" + n).replace(/\\d/g, "d")).length;
}
function descend(n) { return n ? descend(n - 1) + 1 : leaf() }
for (;;) descend(20)
"""


class Target(NamedTuple):
    name: str
    command: list[str]


def build(directory: Path) -> Path:
    binary = directory / "nofp"
    flags = ["-O2", "-fomit-frame-pointer", "-pthread"]
    subprocess.run(["gcc", *flags, "-o", binary, WORKLOADS / "nofp.c"], check=True)
    return binary


def targets(directory: Path) -> list[Target]:
    found = [
        Target("C, no frame pointers", [str(build(directory))]),
        Target("bash", ["bash", "-c", BASH]),
        Target("perl", ["perl", "-e", PERL]),
        Target("node, JIT", ["node", "-e", NODE]),
        Target("python3 of Debian", ["/usr/bin/python3", "-c", PYTHON]),
    ]
    found += python_targets()
    return [target for target in found if shutil.which(target.command[0])]


def python_targets() -> list[Target]:
    """All that we read and that are here."""
    return [
        Target(f"python {version(path)}", [str(path), "-c", PYTHON]) for minor in MINORS for path in releases(minor)
    ]


def version(python: Path) -> str:
    code = "import platform; print(platform.python_version())"
    return subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


@contextlib.contextmanager
def running(chosen: list[Target]) -> Iterator[dict[int, str]]:
    """pid → name."""
    processes = [subprocess.Popen(target.command, stdout=subprocess.DEVNULL) for target in chosen]
    try:
        time.sleep(2)  # past start-up: interpreters have read their files, JIT code is there
        yield {process.pid: target.name for process, target in zip(processes, chosen, strict=True)}
    finally:
        for process in processes:
            process.kill()
            process.wait()
