"""Files that pages fetch together, joined into few when they are gathered: each request costs a browser milliseconds.

ES modules are joined without a tool: every module becomes a function that is called once, in the order of imports, and
what it exports an object named after its path. Sources must keep to what `join_modules` checks. In a checkout, before
`collectstatic`, pages use the modules themselves.
"""

import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

FOLDER = "js/joined"
#: The script of a page that is one file (profiler/html_file) has no name.
ONE = ""
#: The first picture of a profile: nothing else is waited for.
OPENING = f"{FOLDER}/opening.js"
#: Of pages: entry modules with all that they import; a module is in the first that needs it.
MODULES: Mapping[str, Sequence[str]] = {
    # The dialog is of pages with a viewer and of others: a page that took it from the viewer's file would run that.
    f"{FOLDER}/shell.js": ("js/pages/shell.js", "js/ui/share-dialog.js"),
    OPENING: ("js/ui/opening.js",),
    f"{FOLDER}/viewer.js": ("js/ui/profile-view.js", "js/pages/profile.js"),
}
#: OPENING has its own of these, which others take from elsewhere: they keep nothing, so that two do what one does.
TWICE = frozenset({"js/core/format.js", "js/ui/element.js"})
#: A worker shares no module with its page: each is joined with everything it imports, in its own place.
WORKERS = ("js/ui/answers-worker.js",)
BASE_STYLES = (
    "css/tokens.css",
    "css/app.css",
    "css/controls.css",
    "css/tables.css",
    "css/pages.css",
    "css/palette.css",
)
#: Of pages with a profile's view.
VIEWER_STYLES = "css/joined-viewer.css"
#: A page has one of them: nothing is painted before all of its sheets are here.
STYLES: Mapping[str, Sequence[str]] = {
    "css/joined-base.css": BASE_STYLES,
    VIEWER_STYLES: (*BASE_STYLES, "css/flamegraph.css", "css/analysis.css"),
}

# Statements at the start of a line that end in a semicolon, as webprof/staticfiles.py wants them too.
IMPORT = re.compile(r"""^import\s*(?P<names>[^'";]*?)\s*(?:\bfrom\s*)?["'](?P<path>\.[^"']+)["'];""", re.MULTILINE)
NAMED = re.compile(r"^\{(?P<names>[^}]*)\}$")
WHOLE = re.compile(r"^\*\s*as\s+(?P<name>\w+)$")
EXPORT = re.compile(
    r"^export (?P<rest>(?:async )?function\*? (?P<function>\w+)|class (?P<class>\w+)|const (?P<const>\w+))",
    re.MULTILINE,
)
# Paths in `import("…")` and `new URL("…", import.meta.url)`, where no comment can be.
LATER = re.compile(r"""^(?P<head>[^*/\n]*\b(?:import|new URL)\()"(?P<path>\.[^"]+\.js)\"""", re.MULTILINE)
# Whole lines of them; what stands beside a statement stays.
COMMENT = re.compile(r"^[ \t]*(?:/\*(?s:.*?)\*/[ \t]*|//.*)\n", re.MULTILINE)
FORBIDDEN = re.compile(r"^(?:import\b(?!\()|export\b|await\b).*", re.MULTILINE)


@dataclass(frozen=True)
class Joined:
    """`sources`: text of the joined files and of those that import from them; `place`: module → joined file."""

    sources: Mapping[str, str]
    place: Mapping[str, str]


def join_modules(modules: Mapping[str, str]) -> Joined:
    """`modules`: text by static name, at least all that the entries reach. Raises ValueError that names a module."""
    place: dict[str, str] = {}
    sources: dict[str, str] = {}
    for joined, entries in MODULES.items():
        own = TWICE if joined == OPENING else frozenset()
        names = [name for name in graph(modules, entries) if name not in place or name in own]
        sources[joined] = _joined(joined, names, modules, place | dict.fromkeys(names, joined))
        place = dict.fromkeys(names, joined) | place
    if others := re.findall(r'^import .* from "(.*)";$', sources.get(OPENING, ""), re.MULTILINE):
        raise ValueError(f"{OPENING} would wait for {', '.join(others)}: say in TWICE what of it may be there twice")
    for name in WORKERS:
        names = graph(modules, [name])
        sources[name] = _joined(name, names, modules, dict.fromkeys(names, name))
    for name in modules.keys() - place.keys() - set(WORKERS):
        text = _linked(name, modules[name], name, place)
        if text != modules[name]:
            sources[name] = text
    return Joined(sources, place)


def join_into_one(modules: Mapping[str, str], entries: Sequence[str], instead: Mapping[str, str]) -> str:
    """One script of the entries and of all they reach, with `import("…")` too: for a page that may fetch nothing.

    It exports nothing, so that it can be a worker too: browsers start none from a module of a page on disk.

    `instead`: module → the one that such a page has in its place, of the same folder. Raises ValueError that names a
    module.
    """
    texts = {name: modules[instead.get(name, name)] for name in modules}
    names = graph(texts, entries)
    while later := [name for name in _loaded_later(names, texts) if name not in names]:
        names += [name for name in graph(texts, later) if name not in names]
    place = dict.fromkeys(names, ONE)
    parts = [_as_function(name, _at_once(name, texts[name]), ONE, place, {}) for name in names]
    for name, part in zip(names, parts, strict=True):
        if "import.meta" in part:
            raise ValueError(f"{name} can't be joined into one file: it has no address of its own there")
    return "".join(parts)


def join_styles(styles: Mapping[str, str]) -> dict[str, str]:
    """All lie in one folder, so that what they refer to stays where it is."""
    return {joined: "".join(styles[name] for name in names) for joined, names in STYLES.items()}


def graph(modules: Mapping[str, str], entries: Iterable[str]) -> list[str]:
    """The entries and all they import, what is imported first.

    Raises KeyError for a module that is not there, ValueError for one that imports itself by way of others.
    """
    found: dict[str, None] = {}

    def visit(name: str, by: tuple[str, ...]) -> None:
        if name in found:
            return
        if name in by:
            raise ValueError(f"{' imports '.join((*by, name))}: modules in a circle can't be joined")
        for statement in IMPORT.finditer(modules[name]):
            visit(_target(name, statement["path"]), (*by, name))
        found[name] = None

    for entry in entries:
        visit(entry, ())
    return list(found)


def _loaded_later(names: Iterable[str], texts: Mapping[str, str]) -> list[str]:
    return [_target(name, found["path"]) for name in names for found in LATER.finditer(texts[name])]


def _at_once(name: str, text: str) -> str:
    """What a module would load later is there, once the script has run to its end."""

    def there(found: re.Match[str]) -> str:
        head, module = found["head"].removesuffix("import("), _object(_target(name, found["path"]))
        return f"{head}Promise.resolve().then(() => {module}"

    return LATER.sub(there, text)


def _joined(file: str, names: Sequence[str], modules: Mapping[str, str], place: Mapping[str, str]) -> str:
    others: dict[str, None] = {}
    parts = [_as_function(name, modules[name], file, place, others) for name in names]
    objects = ", ".join(map(_object, names))
    return "".join([*_imports(file, others, place), *parts, f"export {{ {objects} }};\n"])


def _as_function(name: str, text: str, file: str, place: Mapping[str, str], others: dict[str, None]) -> str:
    body = _linked(name, text, file, place, others)
    exports = [found["function"] or found["class"] or found["const"] for found in EXPORT.finditer(body)]
    body = _without_comments(name, EXPORT.sub(r"\g<rest>", body))
    if found := FORBIDDEN.search(body):
        raise ValueError(f"{name} can't be joined with other modules: {found[0]!r} is not understood")
    return f"// {name}\nconst {_object(name)} = (() => {{\n{body}return {{ {', '.join(exports)} }};\n}})();\n"


def _without_comments(name: str, text: str) -> str:
    """A third of the modules is for who reads them: a browser would fetch it, and look through it, before a picture."""
    code, at = "", 0
    for comment in COMMENT.finditer(text):
        code += text[at : comment.start()]
        at = comment.end()
        if code.count("`") % 2:
            raise ValueError(f"{name}: {comment[0].strip()!r} looks like a comment within a text of several lines")
    return code + text[at:]


def _linked(name: str, text: str, file: str, place: Mapping[str, str], others: dict[str, None] | None = None) -> str:
    """A module's text to stand in `file`, its imports from joined files; `others` collects those of other files."""
    outside: dict[str, None] = {} if others is None else others

    def linked(statement: re.Match[str]) -> str:
        target = _target(name, statement["path"])
        if target not in place:
            if file != name:
                raise ValueError(f"{name} is joined with other modules, and {target} that it imports is not")
            return statement[0]
        if place[target] != file:
            outside[target] = None
        return _taken(statement["names"], target, name)

    body = IMPORT.sub(linked, text)
    body = LATER.sub(lambda found: f'{found["head"]}"{_relative(file, _target(name, found["path"]))}"', body)
    return body if others is not None else "".join([*_imports(file, outside, place), body])


def _imports(file: str, modules: Iterable[str], place: Mapping[str, str]) -> list[str]:
    by_file: dict[str, list[str]] = {}
    for module in modules:
        by_file.setdefault(place[module], []).append(_object(module))
    return [f'import {{ {", ".join(names)} }} from "{_relative(file, other)}";\n' for other, names in by_file.items()]


def _taken(names: str, target: str, name: str) -> str:
    """The statement that takes from a module's object what an import of it names."""
    if names == "":
        return ""
    if whole := WHOLE.match(names):
        return f"const {whole['name']} = {_object(target)};"
    if named := NAMED.match(names):
        return f"const {{ {re.sub(r' +as +', ': ', named['names'].strip())} }} = {_object(target)};"
    raise ValueError(f"{name}: the import {names!r} can't be joined")


def _target(name: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), path))


def _relative(file: str, target: str) -> str:
    path = posixpath.relpath(target, posixpath.dirname(file))
    return path if path.startswith(".") else f"./{path}"


def _object(name: str) -> str:
    return re.sub(r"\W", "_", name.removeprefix("js/").removesuffix(".js"))
