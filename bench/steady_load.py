"""A load that stays the same for as long as it is wanted: C, Python and processes of some milliseconds.

C without frame pointers runs a deep recursion, callbacks and a signal handler; Python parses, sorts and recurses along
chains of calls that hardly repeat; a shell starts programs all the time. `duty` is the share of the time in which all
of them may run: they are stopped and continued together, twenty times a second. Nothing is harder for an agent;
`services` is a load as servers have it: a Python service asks a database the same things, and something is packed.
"""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

from bench.unwind_targets import build

PERIOD_S = 0.05
PYTHON = """
import json, random, re
def leaf(text):
    return json.loads(text)["items"][-1] + len(re.findall(r"[0-9]+", text))
def sort(depth):
    return sorted(range(60), key=lambda n: (n * 7919) % 61)[0] + descend(depth - 1)
def text(depth):
    return len("-".join(str(n) for n in range(40))) + descend(depth - 1)
def plain(depth):
    return descend(depth - 1) + 1
def descend(depth):
    if depth <= 0:
        return leaf(json.dumps({"items": list(range(50))}))
    return random.choice((sort, text, plain))(depth)
while True:
    descend(random.randrange(4, 18))
"""
SHELL = "while :; do ls -l / | sort | head -3; echo a b c | awk '{print $2}'; sleep 0.02; done"


SERVICE = """
import json, sqlite3
base = sqlite3.connect(":memory:")
base.execute("create table orders (id integer primary key, name text, price real)")
base.executemany("insert into orders (name, price) values (?, ?)", [(f"order {n}", n / 7) for n in range(5000)])
def priced(low):
    return base.execute("select name, price from orders where price between ? and ? order by name", (low, low + 20))
def answer(request):
    asked = json.loads(request)
    return json.dumps([{"name": name, "price": round(price, 2)} for name, price in priced(asked["low"])])
def serve(requests):
    for request in requests:
        answer(request)
while True:
    serve([json.dumps({"low": low}) for low in range(0, 600, 50)])
"""
PACKING = "gzip -6 < /dev/urandom > /dev/null"


class Load:
    """Process groups that run together. The thread ends with `close`, and the processes with it."""

    def __init__(self, commands: list[list[str]], duty: float) -> None:
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self._processes = [subprocess.Popen(command, start_new_session=True, **quiet) for command in commands]
        self._duty = duty
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._switch, daemon=True)
        self._thread.start()

    @property
    def pids(self) -> tuple[int, ...]:
        return tuple(process.pid for process in self._processes)

    def close(self) -> None:
        self._ended.set()
        self._thread.join()
        self._signal(signal.SIGKILL)
        for process in self._processes:
            process.wait()

    def _switch(self) -> None:
        while self._duty < 1 and not self._ended.wait(PERIOD_S * self._duty):
            self._signal(signal.SIGSTOP)
            self._ended.wait(PERIOD_S * (1 - self._duty))
            self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        for process in self._processes:
            os.killpg(process.pid, number)


@contextlib.contextmanager
def steady_load(duty: float, *, services: bool = False) -> Iterator[tuple[int, ...]]:
    """The processes, which start others. Needs gcc."""
    with tempfile.TemporaryDirectory() as directory:
        commands = [[str(build(Path(directory)))], [sys.executable, "-c", PYTHON], ["sh", "-c", SHELL]]
        if services:
            commands = [[sys.executable, "-c", SERVICE], ["sh", "-c", PACKING]]
        load = Load(commands, duty)
        try:
            yield load.pids
        finally:
            load.close()
