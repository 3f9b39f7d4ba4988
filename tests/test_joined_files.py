"""Modules that are joined say what they said apart."""

import json
import subprocess
from pathlib import Path

import pytest

from profiler import joined_files
from profiler.joined_files import graph, join_into_one, join_modules

WORDS = 'export const NAMES = ["a"];\nexport function size(names = NAMES) {\n  return names.length;\n}\n'
SHELL = 'import { size } from "../core/words.js";\nexport const shown = size();\n'
VIEWER = """import { size as count, NAMES } from "../core/words.js";
import * as shell from "./shell.js";

export async function later() {
  const { more } = await import("./more.js");
  return more;
}
export class Viewer {
  sum = count() + NAMES.length + shell.shown;
}
"""
MORE = 'import { Viewer, later } from "./viewer.js";\nexport const more = [new Viewer().sum, await later === later];\n'
SOURCES = {"js/core/words.js": WORDS, "js/ui/shell.js": SHELL, "js/ui/viewer.js": VIEWER, "js/ui/more.js": MORE}


@pytest.fixture(autouse=True)
def two_files(monkeypatch: pytest.MonkeyPatch) -> None:
    files = {"js/joined/shell.js": ("js/ui/shell.js",), "js/joined/viewer.js": ("js/ui/viewer.js",)}
    monkeypatch.setattr(joined_files, "MODULES", files)
    monkeypatch.setattr(joined_files, "WORKERS", ())


def run(folder: Path, files: dict[str, str], script: str) -> object:
    for name, text in {**files, "package.json": '{"type": "module"}', "run.js": script}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    done = subprocess.run(["node", "run.js"], cwd=folder, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def test_joined_modules_and_those_loaded_later_share_one_instance(tmp_path: Path) -> None:
    joined = join_modules(SOURCES)
    script = """import { ui_viewer } from "./js/joined/viewer.js";
console.log(JSON.stringify(await ui_viewer.later()));"""
    later = joined.sources["js/ui/more.js"]
    assert "../joined/viewer.js" in later
    assert run(tmp_path, {**SOURCES, **joined.sources}, script) == [3, True]


def test_a_module_is_in_the_first_file_that_needs_it() -> None:
    place = join_modules(SOURCES).place
    assert place == {
        "js/core/words.js": "js/joined/shell.js",
        "js/ui/shell.js": "js/joined/shell.js",
        "js/ui/viewer.js": "js/joined/viewer.js",
    }


def test_a_worker_has_all_its_modules_in_its_own_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(joined_files, "WORKERS", ("js/ui/worker.js",))
    worker = 'import { size } from "../core/words.js";\nconsole.log(size(["x", "y"]));\n'
    text = join_modules({**SOURCES, "js/ui/worker.js": worker}).sources["js/ui/worker.js"]
    assert run(tmp_path, {}, text) == 2


def test_what_is_imported_comes_first() -> None:
    assert graph(SOURCES, ["js/ui/viewer.js"]) == ["js/core/words.js", "js/ui/shell.js", "js/ui/viewer.js"]


@pytest.mark.parametrize("line", ["export let changing = 1;", 'export { a } from "./shell.js";', "await 1;"])
def test_what_can_not_be_joined_is_refused_with_its_module(line: str) -> None:
    with pytest.raises(ValueError, match=r"js/ui/viewer\.js"):
        join_modules({**SOURCES, "js/ui/viewer.js": f"{VIEWER}{line}\n"})


def test_modules_in_a_circle_are_refused_with_their_names() -> None:
    words = f'import {{ shown }} from "../ui/shell.js";\n{WORDS}'
    with pytest.raises(ValueError, match=r"shell\.js imports js/core/words\.js imports js/ui/shell\.js: "):
        join_modules({**SOURCES, "js/core/words.js": words})


def test_a_page_of_one_file_has_what_others_load_later(tmp_path: Path) -> None:
    later = MORE.replace(", await later === later", "")
    text = join_into_one({**SOURCES, "js/ui/more.js": later}, ["js/ui/viewer.js"], {})
    assert "import(" not in text
    script = f"{text}\nui_viewer.later().then((more) => console.log(JSON.stringify(more)));"
    assert run(tmp_path, {}, script) == [3]


def test_a_page_of_one_file_takes_another_module_for_what_it_can_not_do(tmp_path: Path) -> None:
    shell = SHELL.replace("size()", "size(['x', 'y'])")
    text = join_into_one({**SOURCES, "js/ui/other.js": shell}, ["js/ui/shell.js"], {"js/ui/shell.js": "js/ui/other.js"})
    assert run(tmp_path, {}, f"{text}\nconsole.log(ui_shell.shown);") == 2


def test_a_module_that_needs_its_own_address_is_no_part_of_one_file() -> None:
    worker = 'export const worker = new Worker(new URL("./more.js", import.meta.url));\n'
    with pytest.raises(ValueError, match=r"js/ui/shell\.js"):
        join_into_one(
            {**SOURCES, "js/ui/shell.js": worker, "js/ui/more.js": "export const a = 1;\n"}, ["js/ui/shell.js"], {}
        )


def test_the_first_picture_waits_for_no_other_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    files = {"js/joined/shell.js": ("js/ui/shell.js",), joined_files.OPENING: ("js/ui/viewer.js",)}
    monkeypatch.setattr(joined_files, "MODULES", files)
    opening = VIEWER.replace('import * as shell from "./shell.js";\n', "").replace(" + shell.shown", "")
    sources = {**SOURCES, "js/ui/viewer.js": opening}
    with pytest.raises(ValueError, match=r"opening\.js would wait for \./shell\.js"):
        join_modules(sources)
    monkeypatch.setattr(joined_files, "TWICE", frozenset({"js/core/words.js"}))
    joined = join_modules(sources)
    script = """import { ui_viewer } from "./js/joined/opening.js";
console.log(JSON.stringify(new ui_viewer.Viewer().sum));"""
    assert run(tmp_path, {joined_files.OPENING: joined.sources[joined_files.OPENING]}, script) == 2
    assert joined.place["js/core/words.js"] == "js/joined/shell.js"


def test_comments_stay_behind_and_what_looks_like_one_in_a_text_is_refused(tmp_path: Path) -> None:
    text = "/**\n * What it is.\n */\nexport const url = `a/*b*/c`; // beside it\n  // alone\n"
    text += "export const two = `//` + url;\n"
    one = join_into_one({"js/a.js": text + "console.log(JSON.stringify(two));\n"}, ["js/a.js"], {})
    assert "What it is" not in one
    assert "alone" not in one
    assert run(tmp_path, {}, one) == "//a/*b*/c"
    with pytest.raises(ValueError, match="'// kept' looks like a comment within a text"):
        join_into_one({"js/a.js": "export const text = `first\n// kept\n`;\n"}, ["js/a.js"], {})
