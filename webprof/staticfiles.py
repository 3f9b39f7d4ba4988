"""How static files are named, before and after `collectstatic` has gathered them."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.contrib.staticfiles.storage import ManifestStaticFilesStorage, StaticFilesStorage
from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from whitenoise.storage import CompressedManifestStaticFilesStorage

from profiler.joined_files import MODULES, join_modules, join_styles

# Statements at the start of a line, and `import("…")` and `new URL("…", import.meta.url)` where no comment can be: that
# is also how comments name a type of another module, and types may name each other in circles.
MODULE_IMPORTS = (
    (
        r"""(?m)(?P<matched>^(?P<head>(?:import|export)\b[^'";]*?\bfrom\s*)["'](?P<url>\.[^"']+)["'];)""",
        '%(head)s"%(url)s";',
    ),
    (r"""(?m)(?P<matched>^import\s*["'](?P<url>\.[^"']+)["'];)""", 'import "%(url)s";'),
    (
        r"""(?m)(?P<matched>^(?P<head>[^*/\n]*\b(?:import|new URL)\()"(?P<url>\.[^"]+\.js)")""",
        '%(head)s"%(url)s"',
    ),
)


class ModuleStaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc] # untyped library
    """Names carry a hash of the content, in imports of ES modules too, so that browsers keep files for ever.

    Imports must be relative, end in a semicolon and not form a cycle. Before the first `collectstatic` files go by
    their own names, so a fresh checkout and the tests need no such step.
    """

    patterns = (*ManifestStaticFilesStorage.patterns, ("*.js", MODULE_IMPORTS))
    # A file's name settles after those it imports: one pass per level of the import graph.
    max_post_process_passes = 20

    def post_process(
        self, paths: dict[str, tuple[Storage, str]], dry_run: bool = False, **options: Any
    ) -> Iterator[Any]:
        """As Django's, of the files that are joined too (profiler/joined_files.py)."""
        sources = {} if dry_run else self._joined(paths)
        for name, text in sources.items():
            if self.exists(name):
                self.delete(name)
            self.save(name, ContentFile(text.encode()))
        joined = {name: (self, name) for name in sources}
        yield from super().post_process(paths | joined, dry_run=dry_run, **options)

    def file_hash(self, name: str, content: Any = None) -> str | None:
        """Of joined modules it is that of all modules: they load others later, which import from them."""
        return self._modules_hash if name in MODULES else super().file_hash(name, content)

    def _joined(self, paths: Mapping[str, tuple[Storage, str]]) -> dict[str, str]:
        def texts(folder: str, suffix: str) -> dict[str, str]:
            names = sorted(name for name in paths if name.startswith(folder) and name.endswith(suffix))
            return {name: _text(*paths[name]) for name in names}

        modules = join_modules(texts("js/", ".js")).sources
        self._modules_hash = str(super().file_hash("", ContentFile("".join(modules.values()).encode())))
        return {**modules, **join_styles(texts("css/", ".css"))}

    def url(self, name: str, force: bool = False) -> str:
        if not self.hashed_files:
            return StaticFilesStorage.url(self, name)
        return str(super().url(name, force))


def _text(storage: Storage, path: str) -> str:
    with storage.open(path) as file:
        return str(file.read().decode())
