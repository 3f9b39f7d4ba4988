"""The viewer's own scripts and styles as text that can stand in a page."""

import hashlib
from base64 import b64encode
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders

from profiler.joined_files import VIEWER_STYLES, join_into_one, join_styles

ENTRIES = ("js/pages/saved.js", "js/ui/profile-view.js")
WORKER = "js/ui/answers-worker.js"
INSTEAD = {"js/ui/worker-start.js": "js/ui/worker-start-saved.js"}
ICON = "img/favicon.svg"
# With these a page reads what follows in another way than a script or a style sheet is meant.
END_OF_SCRIPT, END_OF_STYLE, COMMENT = "</script", "</style", "<!--"


@dataclass(frozen=True)
class OwnFiles:
    """`icon` is an address that holds the picture itself."""

    script: str
    worker: str
    styles: str
    icon: str

    @property
    def policy(self) -> str:
        """Nothing is fetched, and no script runs but these, whatever a name in the profile says."""
        rules = {
            "default-src": "'none'",
            "script-src": _digest(self.script),
            "worker-src": "blob:",
            "style-src": _digest(self.styles),
            "img-src": "data:",
            "base-uri": "'none'",
            "form-action": "'none'",
        }
        return "; ".join(f"{name} {value}" for name, value in rules.items())


def own_files() -> OwnFiles:
    """Read once; in debug mode each time, as pages do."""
    return _read() if settings.DEBUG else _kept()


def for_script(text: str) -> str:
    r"""The same script without what ends it within a page: `<\/` is `</` in all texts and expressions."""
    if COMMENT in text:
        raise ValueError(f"a script with {COMMENT!r} can't stand in a page")
    return text.replace(END_OF_SCRIPT, END_OF_SCRIPT.replace("/", "\\/"))


def for_style(text: str) -> str:
    """Raises ValueError for one that would end early or ask a server."""
    if END_OF_STYLE in text or "@import" in text or "url(" in text.replace("url(data:", ""):
        raise ValueError("a style sheet that ends early or needs other files can't stand in a page")
    return text


def _read() -> OwnFiles:
    modules = _texts("js", ".js")
    return OwnFiles(
        for_script(join_into_one(modules, ENTRIES, INSTEAD)),
        for_script(join_into_one(modules, [WORKER], {})),
        for_style(join_styles(_texts("css", ".css"))[VIEWER_STYLES]),
        f"data:image/svg+xml;base64,{b64encode(_path(ICON).read_bytes()).decode('ascii')}",
    )


_kept = cache(_read)


def _texts(folder: str, suffix: str) -> dict[str, str]:
    """By static name, as they lie in the checkout: what `collectstatic` made of them has other names."""
    root = _path(folder)
    return {f"{folder}/{path.relative_to(root).as_posix()}": path.read_text() for path in root.rglob(f"*{suffix}")}


def _path(name: str) -> Path:
    found = finders.find(name)
    if found is None:
        raise FileNotFoundError(f"static file {name} does not exist")
    return Path(found)


def _digest(text: str) -> str:
    return f"'sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode('ascii')}'"
