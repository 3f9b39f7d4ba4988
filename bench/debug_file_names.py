"""What it costs to name a stored profile from a debug file: looking addresses up, and making the named profile.

    python -m bench.debug_file_names FILE [addresses [stacks]]

FILE: any ELF file with symbols, such as /usr/lib/debug/.build-id/…/….debug. Addresses are taken at random from the
functions in its symbol table; stacks are 30 deep. Prints CPU seconds of this process and of the one that reads DWARF.
"""

import random
import resource
import subprocess
import sys
import time
from collections.abc import Sequence

from profiler.core.builder import ProfileBuilder
from profiler.core.frame import Frame, FrameKind
from profiler.core.profile import Profile, ProfileMeta
from profiler.core.resolve import resolve
from profiler.debuginfo.debug_file import DebugFile
from profiler.debuginfo.source_frame import SourceFrame

BUILD_ID, DEPTH = "ab" * 20, 30


def addresses(path: str, count: int) -> list[int]:
    """Random places in random functions, as samples have them."""
    listing = subprocess.run(["nm", "--defined-only", "-S", path], check=True, capture_output=True, text=True).stdout
    rows = [line.split() for line in listing.splitlines()]
    functions = [(int(row[0], 16), int(row[1], 16)) for row in rows if len(row) == 4 and row[2] in "tTwW"]
    chosen = random.choices([each for each in functions if each[1]], k=count)
    return [start + random.randrange(size) for start, size in chosen]


def recorded(places: Sequence[int], stacks: int) -> Profile:
    builder = ProfileBuilder(ProfileMeta())
    frames = [builder.frame(Frame(f"x+{at:#x}", FrameKind.NATIVE, "x", BUILD_ID, at)) for at in places]
    for _ in range(stacks):
        # Stacks share their outer half, as those of a program do.
        outer = random.Random(random.randrange(50)).choices(frames, k=DEPTH // 2)
        builder.add(builder.stack([*outer, *random.choices(frames, k=DEPTH // 2)]), 1)
    return builder.build()


def cpu(who: int) -> float:
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime


def named(chain: tuple[SourceFrame, ...]) -> list[Frame]:
    kinds = [FrameKind.INLINED if each.inlined else FrameKind.NATIVE for each in chain]
    return [
        Frame(each.name, kind, "x", BUILD_ID, 0, each.file, each.line)
        for each, kind in zip(reversed(chain), reversed(kinds), strict=True)
    ]


def main(path: str, count: int = 5000, stacks: int = 20_000) -> None:
    random.seed(1)
    places = addresses(path, count)
    profile = recorded(places, stacks)
    before = (cpu(resource.RUSAGE_SELF), cpu(resource.RUSAGE_CHILDREN), time.monotonic())
    with DebugFile(path) as file:
        chains = dict(zip(places, file.frames_of(places), strict=True))
    looked_up = (cpu(resource.RUSAGE_SELF), cpu(resource.RUSAGE_CHILDREN), time.monotonic())
    result = resolve(profile, lambda _, offset: named(chains[offset]))
    after = cpu(resource.RUSAGE_SELF)
    known = sum(1 for chain in chains.values() if chain)
    inlined = sum(1 for chain in chains.values() if len(chain) > 1)
    print(
        f"{known} of {len(chains)} addresses named, {inlined} of them in inlined functions",
        file.problem and f"({file.problem})",
    )
    print(
        f"looking up: {looked_up[0] - before[0]:.2f} CPU s here, {looked_up[1] - before[1]:.2f} in the reader of DWARF"
    )
    print(f"            {looked_up[2] - before[2]:.2f} s in all")
    print(
        f"naming {len(profile.stacks)} nodes of {stacks} stacks: {after - looked_up[0]:.2f} CPU s, "
        f"{len(result.stacks)} nodes with inlined functions"
    )
    assert result.total == profile.total


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
