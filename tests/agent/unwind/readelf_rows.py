"""The same rows as binutils sees them: parses `readelf -wF`."""

import subprocess
from collections.abc import Iterator
from typing import NamedTuple


class ReadelfRow(NamedTuple):
    """One line of a function's table; rules as readelf writes them (`rsp+8`, `c-16`, `u`, `exp`)."""

    pc: int
    cfa: str
    rbp: str
    ra: str


def readelf_rows(path: str) -> Iterator[ReadelfRow]:
    # It exits with 1 when a separate debug file is not installed; the tests count what it printed.
    listing = subprocess.run(["readelf", "-wF", path], capture_output=True, text=True).stdout
    in_function = False
    columns: list[str] = []
    for line in listing.splitlines():
        words = line.split()
        if " FDE " in line:
            # pc=0 are functions that the linker dropped
            in_function, columns = not line.partition("pc=")[2].startswith("0000000000000000.."), []
        elif " CIE " in line:
            in_function = False
        elif words[:1] == ["LOC"]:
            columns = words
        elif in_function and columns and len(words) == len(columns):
            row = dict(zip(columns, words, strict=True))
            yield ReadelfRow(int(row["LOC"], 16), row["CFA"], row.get("rbp", "u"), row["ra"])
