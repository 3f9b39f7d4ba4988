"""Modules are announced all at once, and each that is announced exists."""

import pytest

from profiler.templatetags.modules import module_graph, modulepreloads


def test_a_page_announces_the_modules_its_modules_import() -> None:
    graph = module_graph("js/ui/profile-view.js")
    assert graph[0] == "js/ui/profile-view.js"
    assert {"js/core/wire.js", "js/render/flamegraph.js"} <= set(graph)
    assert len(graph) == len(set(graph))


def test_each_module_gets_one_link_whatever_number_of_entries_needs_it() -> None:
    html = modulepreloads("js/ui/profile-view.js", "js/pages/profile.js")
    assert html.count("js/core/viewstate.js") == 1
    assert 'rel="modulepreload"' in html


def test_a_missing_module_is_named() -> None:
    with pytest.raises(FileNotFoundError, match=r"js/nowhere\.js"):
        module_graph("js/nowhere.js")
