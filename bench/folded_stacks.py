"""Write folded stacks like a large service's: `python bench/folded_stacks.py [STACKS] > FILE` (20,000: about 40 MB).

Depth is 35 on average; names are long, most stacks share their callers, and the order is random, as profilers print it.
"""

import random
import sys
from collections.abc import Iterator

MEAN_DEPTH, DEVIATION, MAX_DEPTH = 35, 9, 70
FUNCTIONS = 4_000
NAME_CHARS = 58
# Callees of one function: few near the root, so that towers are long.
FAN_OUT = 3


def function_names(rng: random.Random) -> list[str]:
    letters = "abcdefghijklmnopqrstuvwxyz"
    parts = ["".join(rng.choices(letters, k=rng.randint(3, 9))) for _ in range(500)]
    names = []
    for number in range(FUNCTIONS):
        name = f"{number}::"
        while len(name) < NAME_CHARS - 8:
            name += rng.choice(parts) + "::"
        names.append(name + rng.choice(parts))
    return names


def stacks(count: int, rng: random.Random) -> Iterator[str]:
    names = function_names(rng)
    callees = [rng.sample(range(FUNCTIONS), FAN_OUT) for _ in range(FUNCTIONS)]
    for _ in range(count):
        depth = min(MAX_DEPTH, max(2, round(rng.gauss(MEAN_DEPTH, DEVIATION))))
        function, path = 0, [names[0]]
        for _ in range(depth - 1):
            # Mostly the first callee: hot paths.
            function = callees[function][min(FAN_OUT - 1, int(rng.expovariate(2.2)))]
            path.append(names[function])
        yield f"{';'.join(path)} {rng.randint(1, 1000)}\n"


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    sys.stdout.writelines(stacks(count, random.Random(1)))


if __name__ == "__main__":
    main()
