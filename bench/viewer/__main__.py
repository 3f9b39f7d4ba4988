"""Our profile page beside the least a careful beginner would write, and the peers that npm carries.

    script/bench viewer [S M L XL] [--repeats 3] [--peer-repeats 1] [--no-peers] [--only-opening]
        [--chromium /usr/bin/chromium]

The same made-up profile in a fresh Chromium each, in turns, so that a busy machine hurts all. Ours is the page of a
webprof of its own that has the profile stored. Prints medians and the ratio to the floor (floor.html, a 40-line culled
canvas, which gets the whole tree); read ratios, not absolutes. Then what is asked of the viewer, and whether it is met.
Peers are installed into the user's cache with npm; one that does not open a size within two minutes is not asked again.
"""

import argparse
import os
import statistics
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from playwright.sync_api import Page, Playwright, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from bench.viewer import peers
from bench.viewer.app import App, running_app
from bench.viewer.asked import verdicts
from bench.viewer.pages import FLOOR, START, Files
from bench.viewer.profiles import profile_file, read
from bench.viewer.sample_profile import SIZES, click_target, whole_tree
from bench.viewer.timings import Numbers, measure, opening, wheel_freely
from bench.viewer.views import first_visit_kb, views
from profiler.core.wire import encode
from tests.e2e.chromium import ARGS, CHROMIUM, serving

# Else WebGL, which a peer draws with, is not there without a GPU.
FLAGS = (*ARGS, "--enable-unsafe-swiftshader")
WINDOW = {"width": 1440, "height": 900}
# A browser that has just been started does as much besides as opening a profile takes.
BROWSER_STARTS_MS = 1_000
# Pictures as fast as they can be made: both viewers reach what a display shows.
NO_DISPLAY = ("--disable-frame-rate-limit", "--disable-gpu-vsync")
Runs = dict[str, list[Numbers]]
Measure = Callable[[Page], Numbers]
#: With what the browser is started besides.
Part = tuple[Measure, tuple[str, ...]]


@dataclass(frozen=True)
class Viewer:
    """Each of `parts` is measured in a browser of its own."""

    parts: tuple[Part, ...]
    repeats: int
    #: A page of the same server: people come from one, with a browser that has long been running.
    start: str


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", nargs="*", metavar="SIZE", help=f"of {' '.join(SIZES)}; S, M and L when left out")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--peer-repeats", type=int, default=1, help="they take minutes at L and XL")
    parser.add_argument("--no-peers", action="store_true", help="ours and the floor only")
    parser.add_argument("--only-opening", action="store_true", help="and nothing of what follows it, without peers")
    parser.add_argument("--chromium", default=CHROMIUM)
    options = parser.parse_args()
    if unknown := set(options.sizes) - set(SIZES):
        parser.error(f"no size {', '.join(sorted(unknown))}: sizes are {', '.join(SIZES)}")
    if not Path(options.chromium).exists():
        parser.error(f"no browser at {options.chromium}: install chromium, or say where it is with --chromium")
    files = {size: profile_file(size) for size in options.sizes or ["S", "M", "L"]}
    with sync_playwright() as playwright, running_app(files) as app:
        for size, file in files.items():
            report(size, take_turns(playwright, options, app, size, file))


def take_turns(playwright: Playwright, options: argparse.Namespace, app: App, size: str, file: Path) -> Runs:
    """Fresh browsers: floor, ours, peers, and again."""
    tree = whole_tree(read(file))
    target = click_target(tree)
    installed = None if options.no_peers or options.only_opening else peers.installed()
    made = {"/tree.wpt": encode(tree)} | (peers.profiles(tree) if installed else {})
    print(f"\n{size}: {len(tree):,} nodes, message of {len(made['/tree.wpt']):,} bytes, ", end="", flush=True)
    del tree
    with serving(partial(Files, made, installed)) as base:

        def ours(page: Page) -> Numbers:
            return measure(page, app.page(size), target) | views(page) | first_visit_kb(page)

        def compared(measured: Measure, url: str, start: str) -> Viewer:
            if options.only_opening:
                return Viewer(((partial(opening, url=url), ()),), options.repeats, start)
            parts = ((measured, ()), (lambda page: wheel_freely(page, url), NO_DISPLAY))
            return Viewer(parts, options.repeats, start)

        viewers = {
            "floor": compared(lambda page: measure(page, base + FLOOR, target), base + FLOOR, base + START),
            "ours": compared(ours, app.page(size), app.start),
        }
        if installed:
            for name, opened in peers.PEERS.items():
                parts: list[Part] = [(partial(opened, base=base), ())]
                if name in peers.WHEELS:
                    parts.append((partial(peers.WHEELS[name], base=base), NO_DISPLAY))
                viewers[name] = Viewer(tuple(parts), options.peer_repeats, base + START)
        return _run(playwright, options, app, viewers)


def _run(playwright: Playwright, options: argparse.Namespace, app: App, viewers: dict[str, Viewer]) -> Runs:
    runs: Runs = {name: [] for name in viewers}
    for turn in range(max(viewer.repeats for viewer in viewers.values())):
        for name, viewer in viewers.items():
            if turn < viewer.repeats and not any(run["open ms"] >= peers.CAP_MS for run in runs[name]):
                runs[name].append(_measured(playwright, options, app, viewer))
    return runs


def _measured(playwright: Playwright, options: argparse.Namespace, app: App, viewer: Viewer) -> Numbers:
    numbers: Numbers = {}
    for measured, flags in viewer.parts:
        browser = playwright.chromium.launch(executable_path=options.chromium, args=[*FLAGS, *flags])
        context = browser.new_context(viewport=WINDOW)  # type: ignore[arg-type]
        context.add_cookies([{"name": "sessionid", "value": app.session, "url": app.base_url}])
        page = context.new_page()
        page.add_init_script(path=Path(__file__).with_name("probe.js"))
        page.goto(viewer.start)
        page.wait_for_timeout(BROWSER_STARTS_MS)
        numbers |= measured(page)
        browser.close()
    return numbers


def report(size: str, runs: Runs) -> None:
    print(f"{len(runs['ours'])} runs each, load average {os.getloadavg()[0]:.1f}")
    others = [name for name in runs if name not in ("floor", "ours")]
    heads = "".join(f"{name:>14}" for name in ("floor", "ours", "ours ÷ floor", *others))
    print(f"{size:34}{heads}")
    keys = dict.fromkeys(key for name in ("floor", "ours") for key in runs[name][0])
    for key in keys:
        medians = {name: _median(runs[name], key) for name in runs}
        floor, ours = medians["floor"], medians["ours"]
        ratio = ours / floor if floor and ours is not None else None
        cells = [floor, ours, ratio, *(medians[name] for name in others)]
        print(f"{key:34}" + "".join(f"{_cell(cell, i == 2):>14}" for i, cell in enumerate(cells)))
    medians_of = {name: {key: _median(values, key) or 0.0 for key in values[0]} for name, values in runs.items()}
    print(f"\nasked at {size:49}{'got':>10}")
    print("\n".join(verdicts(size, medians_of)))


def _median(runs: list[Numbers], key: str) -> float | None:
    values = [run[key] for run in runs if key in run]
    return statistics.median(values) if values else None


def _cell(value: float | None, ratio: bool) -> str:
    return "" if value is None else f"{value:.2f}" if ratio else f"{value:.1f}"


if __name__ == "__main__":
    main()
