"""A fixed amount of work, as a busy server does it: what a process of `bench.checkup_cost`'s load runs.

    python -m bench.checkup_load TURNS DIRECTORY

A turn takes some ten milliseconds of a CPU: requests are answered from a database in memory, something is packed, files
are written, read and deleted, a large file that is in the page cache is read; now and then a program is started, a
connection made and something written to the disk for good. It begins when its standard input ends.
"""

import json
import os
import socket
import sqlite3
import sys
import zlib
from pathlib import Path

QUERIES, FILES, READS = 8, 4, 50
BLOCK = 1 << 16
# Turns between two of each.
EACH_PROGRAM, EACH_CONNECTION, EACH_SYNC = 10, 4, 16


def database() -> sqlite3.Connection:
    base = sqlite3.connect(":memory:")
    base.execute("create table orders (id integer primary key, name text, price real)")
    base.executemany("insert into orders (name, price) values (?, ?)", [(f"order {n}", n / 7) for n in range(5000)])
    return base


def answer(base: sqlite3.Connection, low: int) -> str:
    rows = base.execute("select name, price from orders where price between ? and ? order by name", (low, low + 20))
    return json.dumps([{"name": name, "price": round(price, 2)} for name, price in rows])


def use_files(directory: Path) -> None:
    for number in range(FILES):
        path = directory / f"{os.getpid()}-{number}"
        path.write_bytes(bytes(4096))
        path.read_bytes()
        path.unlink()


def connect(server: socket.socket) -> None:
    with socket.create_connection(server.getsockname()) as client, server.accept()[0] as taken:
        client.sendall(bytes(1024))
        taken.recv(1024)


def work(turns: int, directory: Path) -> None:
    base, packed = database(), os.urandom(BLOCK)
    large, safe = directory / f"large-{os.getpid()}", directory / f"safe-{os.getpid()}"
    large.write_bytes(os.urandom(READS * BLOCK))
    with socket.create_server(("127.0.0.1", 0)) as server, large.open("rb", 0) as file, safe.open("wb", 0) as synced:
        sys.stdin.read()
        for turn in range(turns):
            for low in range(QUERIES):
                answer(base, 50 * low)
            zlib.compress(packed * 3)
            use_files(directory)
            for block in range(READS):
                os.pread(file.fileno(), BLOCK, block * BLOCK)
            if turn % EACH_PROGRAM == 0:
                os.waitpid(os.posix_spawn("/bin/true", ["true"], {}), 0)
            if turn % EACH_CONNECTION == 0:
                connect(server)
            if turn % EACH_SYNC == 0:
                os.pwrite(synced.fileno(), packed, 0)
                os.fdatasync(synced.fileno())


if __name__ == "__main__":
    work(int(sys.argv[1]), Path(sys.argv[2]))
