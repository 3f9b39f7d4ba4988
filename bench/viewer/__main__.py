"""Our flame graph beside the least a careful beginner would write: opening, memory, zoom, search, wheel, hover;
and our other views, which the floor does not have.

    script/bench viewer [S M L] [--repeats 5] [--chromium /usr/bin/chromium]

Both pages draw the same made-up tree in a fresh Chromium each, in turns, so that a busy machine hurts both. Prints
medians and the ratio to the floor (floor.html, a 40-line culled canvas); read ratios, not absolutes.
"""

import argparse
import os
import statistics
import sys
from functools import partial
from pathlib import Path

from playwright.sync_api import Playwright, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from bench.viewer.pages import PAGES, Files
from bench.viewer.sample_tree import SIZES, message
from bench.viewer.timings import Numbers, measure
from bench.viewer.views import views
from tests.e2e.chromium import ARGS, CHROMIUM, serving

WINDOW = {"width": 1440, "height": 900}
Runs = dict[str, list[Numbers]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", nargs="*", metavar="SIZE", help=f"of {' '.join(SIZES)}; S and M when left out")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--chromium", default=CHROMIUM)
    options = parser.parse_args()
    if unknown := set(options.sizes) - set(SIZES):
        parser.error(f"no size {', '.join(sorted(unknown))}: sizes are {', '.join(SIZES)}")
    if not Path(options.chromium).exists():
        parser.error(f"no browser at {options.chromium}: install chromium, or say where it is with --chromium")
    with sync_playwright() as playwright:
        for size in options.sizes or ["S", "M"]:
            tree, target, nodes = message(size)
            print(f"\n{size}: {nodes:,} nodes, message of {len(tree):,} bytes, {options.repeats} runs each", end="")
            report(take_turns(playwright, options, tree, target))


def take_turns(playwright: Playwright, options: argparse.Namespace, tree: bytes, target: list[str]) -> Runs:
    runs: Runs = {name: [] for name in PAGES}
    probe = Path(__file__).with_name("probe.js").read_text()
    with serving(partial(Files, tree)) as base:
        for _ in range(options.repeats):
            for name, path in PAGES.items():
                browser = playwright.chromium.launch(executable_path=options.chromium, args=[*ARGS])
                page = browser.new_page(viewport=WINDOW)  # type: ignore[arg-type]
                page.add_init_script(probe)
                runs[name].append(measure(page, base + path, target))
                if name == "ours":
                    runs[name][-1] |= views(page)
                browser.close()
    return runs


def report(runs: Runs) -> None:
    print(f", load average {os.getloadavg()[0]:.1f}")
    print(f"{'':32}{'floor':>10}{'ours':>10}{'ours ÷ floor':>14}")
    for key in runs["floor"][0]:
        floor, ours = (statistics.median(run[key] for run in runs[name]) for name in ("floor", "ours"))
        ratio = f"{ours / floor:.2f}" if floor else "–"
        print(f"{key:32}{floor:10.1f}{ours:10.1f}{ratio:>14}")
    for key in [key for key in runs["ours"][0] if key not in runs["floor"][0]]:
        print(f"{key:32}{'':10}{statistics.median(run[key] for run in runs['ours']):10.1f}")


if __name__ == "__main__":
    main()
