"""Write `perf script` text like a busy machine's: `python bench/perf_text.py [MEGABYTES] > FILE`."""

import random
import sys
from collections.abc import Iterator

MODULES = ("/usr/lib/libc.so.6", "/opt/app/server", "/usr/lib/libssl.so.3", "/tmp/perf-812.map", "[kernel.kallsyms]")  # noqa: S108 - a name that perf prints
FUNCTIONS, FAN_OUT = 3_000, 4
MEAN_DEPTH, DEVIATION, MAX_DEPTH = 28, 8, 100


def frame(function: int, offset: int, module: str) -> str:
    return f"\t{0x400000 + 4096 * function + offset:16x} fn_{function}+{offset:#x} ({module})\n"


def samples(rng: random.Random) -> Iterator[str]:
    module_of = [rng.choice(MODULES) for _ in range(FUNCTIONS)]
    callees = [rng.sample(range(FUNCTIONS), FAN_OUT) for _ in range(FUNCTIONS)]
    time = 1000.0
    while True:
        time += rng.random() / 100
        function, lines = 0, []
        for depth in range(min(MAX_DEPTH, max(2, round(rng.gauss(MEAN_DEPTH, DEVIATION))))):
            # Call sites repeat; only where the sample was taken is anywhere in the function.
            lines.append(frame(function, 16 * function % 4096 + depth % 3, module_of[function]))
            function = callees[function][min(FAN_OUT - 1, int(rng.expovariate(1.8)))]
        lines.append(frame(function, rng.randrange(4096), module_of[function]))
        yield f"server {rng.randint(800, 815)} [{rng.randrange(8):03}] {time:.6f}:   10101010 cpu-clock:ppp: \n"
        yield from reversed(lines)
        yield "\n"


def main() -> None:
    left = int(float(sys.argv[1]) if len(sys.argv) > 1 else 20) * 1_000_000
    for text in samples(random.Random(1)):
        sys.stdout.write(text)
        left -= len(text)
        if left <= 0 and text == "\n":
            return


if __name__ == "__main__":
    main()
