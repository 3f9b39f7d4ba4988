"""Modules are announced all at once, and each that is announced exists."""

from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from profiler.templatetags.modules import module_graph, module_scripts, styles

#: The page is at least as large as it must be for its first picture; what comes with a press belongs in `import()`.
MOST_MODULES = 75
MOST_SOURCE_BYTES = 270_000


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


def test_a_missing_module_is_named() -> None:
    with pytest.raises(FileNotFoundError, match=r"js/nowhere\.js"):
        module_graph("js/nowhere.js")


def test_in_a_checkout_a_page_has_the_sheets_themselves() -> None:
    html = styles("css/joined-viewer.css")
    assert [html.count(name) for name in ("css/flamegraph.css", "css/analysis.css", "joined")] == [1, 1, 0]


def test_what_a_profile_needs_for_its_first_picture_does_not_grow() -> None:
    graph = {name for entry in ("js/ui/profile-view.js", "js/pages/profile.js") for name in module_graph(entry)}
    assert len(graph) <= MOST_MODULES, "load what a press needs with import()"
    assert sum(Path(str(finders.find(name))).stat().st_size for name in graph) <= MOST_SOURCE_BYTES
