"""How static files are named, before and after `collectstatic` has gathered them."""

from django.contrib.staticfiles.storage import ManifestStaticFilesStorage, StaticFilesStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage

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

    def url(self, name: str, force: bool = False) -> str:
        if not self.hashed_files:
            return StaticFilesStorage.url(self, name)
        return str(super().url(name, force))
