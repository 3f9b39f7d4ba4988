"""Makes a pprof file of many different stacks: `python -m bench.pprof_file SAMPLES > FILE`. import_speed.py reads it.

Stacks have 5 to 65 frames, 35 on average, of 5,000 functions. Each calls one of two others, the first of them nine
times in ten; the same numbers each time.
"""

import argparse
import random
import sys

from profiler.formats.pprof_messages import PprofProfile

FUNCTIONS = 5_000
SHALLOWEST, DEEPEST = 5, 65
USUAL = 0.9


def stack(chance: random.Random) -> list[int]:
    """Numbers of locations, leaf first."""
    function, root_first = 0, []
    for _ in range(chance.randint(SHALLOWEST, DEEPEST)):
        function = (function * 31 + (1 if chance.random() < USUAL else 2)) % FUNCTIONS
        root_first.append(function + 1)
    return root_first[::-1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("samples", type=int)
    count = parser.parse_args().samples
    message = PprofProfile()
    names = ["", "samples", "count", "cpu", "nanoseconds", *(f"package{n % 97}.function{n}" for n in range(FUNCTIONS))]
    message.string_table.extend(name.encode() for name in names)
    message.sample_type.add(type=1, unit=2)
    message.sample_type.add(type=3, unit=4)
    for number in range(1, FUNCTIONS + 1):
        message.function.add(id=number, name=number + 4)
        message.location.add(id=number).line.add(function_id=number, line=1)
    chance = random.Random(1)
    for _ in range(count):
        message.sample.add(location_id=stack(chance), value=[1, 10_000_000])
    sys.stdout.buffer.write(message.SerializeToString())


if __name__ == "__main__":
    main()
