"""What stands in a page can't end early, and the policy knows it."""

import hashlib
from base64 import b64encode

import pytest

from profiler.html_file.own_files import for_script, for_style, own_files


def test_the_policy_lets_nothing_run_but_the_viewer() -> None:
    own = own_files()
    digest = b64encode(hashlib.sha256(own.script.encode()).digest()).decode()
    assert "default-src 'none'" in own.policy
    assert f"script-src 'sha256-{digest}'" in own.policy
    assert "unsafe" not in own.policy


def test_the_viewer_s_files_fetch_nothing_and_end_nowhere() -> None:
    own = own_files()
    for text in (own.script, own.worker):
        assert "</script" not in text
        assert "import.meta" not in text
    assert "</style" not in own.styles
    assert own.icon.startswith("data:")


def test_a_script_that_names_a_script_stays_one() -> None:
    assert for_script('const a = "</script>";') == 'const a = "<\\/script>";'
    with pytest.raises(ValueError, match="<!--"):
        for_script('const a = "<!--";')


@pytest.mark.parametrize("style", ["a { b: url(x.png) }", '@import "x.css";', "</style>"])
def test_a_sheet_that_needs_another_file_is_refused(style: str) -> None:
    with pytest.raises(ValueError, match="style sheet"):
        for_style(style)


def test_a_sheet_may_hold_a_picture() -> None:
    assert for_style("a { b: url(data:image/png;base64,AA==) }")
