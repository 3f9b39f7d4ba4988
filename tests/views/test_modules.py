"""Modules are announced all at once, and each that is announced exists."""

from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from profiler.joined_files import OPENING
from profiler.templatetags.modules import _when, later_modules, module_graph, module_scripts, styles

#: What the first picture waits for, and what all of the page does; what comes with a press belongs in `import()`.
MOST_OF_PICTURE = 46, 160_000
MOST_OF_PAGE = 80, 280_000


def test_a_page_announces_the_modules_its_modules_import() -> None:
    graph = module_graph("js/ui/profile-view.js")
    assert graph[0] == "js/ui/profile-view.js"
    assert {"js/core/wire.js", "js/render/flamegraph.js"} <= set(graph)
    assert len(graph) == len(set(graph))


def test_each_module_gets_one_link_whatever_number_of_entries_needs_it() -> None:
    html = module_scripts("js/ui/profile-view.js", "js/pages/profile.js")
    assert html.count("js/core/viewstate.js") == 1
    assert html.count('rel="modulepreload"') == html.count("<link")
    assert html.count("<script") == 2


def test_elements_are_defined_before_the_page_is_parsed_and_pages_are_set_up_after() -> None:
    html = module_scripts("js/ui/profile-view.js", "js/pages/run.js")
    assert [line.count(" async ") for line in html.splitlines() if "<script" in line] == [1, 0]


def test_the_first_picture_runs_when_the_page_is_parsed_and_names_what_comes_later() -> None:
    # `_when` names the joined file, which a checkout has not.
    assert _when(OPENING) == ""
    assert _when("js/joined/viewer.js") == " async"
    later = later_modules("js/pages/shell.js", "js/ui/profile-view.js")
    assert later.count('<link rel="later-module"') == 2
    assert "modulepreload" not in later
    assert "<script" not in later


def test_a_missing_module_is_named() -> None:
    with pytest.raises(FileNotFoundError, match=r"js/nowhere\.js"):
        module_graph("js/nowhere.js")


def test_in_a_checkout_a_page_has_the_sheets_themselves() -> None:
    html = styles("css/joined-viewer.css")
    names = ("css/tokens.css", "css/flamegraph.css", "css/analysis.css", "joined")
    assert [html.count(name) for name in names] == [1, 1, 1, 0]


@pytest.mark.parametrize(
    ("entries", "most"),
    [
        (("js/ui/opening.js",), MOST_OF_PICTURE),
        (("js/ui/profile-view.js", "js/pages/profile.js"), MOST_OF_PAGE),
    ],
)
def test_what_a_profile_needs_does_not_grow(entries: tuple[str, ...], most: tuple[int, int]) -> None:
    graph = {name for entry in entries for name in module_graph(entry)}
    assert len(graph) <= most[0], "load what a press needs with import()"
    assert sum(Path(str(finders.find(name))).stat().st_size for name in graph) <= most[1]
