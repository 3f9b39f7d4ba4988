"""Finds BCC's Python bindings, whatever Python runs us.

They belong to the distribution's Python and are pure Python over libbcc. Only that one package is imported:
the distribution's whole site directory on `sys.path` would shadow our own dependencies.
"""

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from profiler.core.errors import WebprofError

INSTALL_HINT = "install BCC's Python bindings: `apt install python3-bpfcc` (Fedora, Arch: `python3-bcc`, `python-bcc`)"
_SITE_DIRECTORIES = (
    "/usr/lib/python3/dist-packages",
    "/usr/lib/python3*/site-packages",
    "/usr/lib64/python3*/site-packages",
)


class BindingError(WebprofError):
    """BCC's Python bindings or libbcc are missing or broken. The text is the reason, then what to install."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"{reason}: {INSTALL_HINT}")
        self.reason = reason


def find_package() -> Path | None:
    """The directory of the distribution's `bcc` package."""
    for pattern in _SITE_DIRECTORIES:
        for site in sorted(Path("/").glob(pattern.lstrip("/")), reverse=True):
            if (site / "bcc" / "libbcc.py").is_file():
                return site / "bcc"
    return None


def load_bcc() -> ModuleType:
    """The `bcc` module. Raises BindingError with what to install."""
    loaded = sys.modules.get("bcc")
    if loaded is not None and hasattr(loaded, "BPF"):
        return loaded
    package = find_package()
    if package is None:
        raise BindingError(f"BCC was not found in {', '.join(_SITE_DIRECTORIES)}")
    spec = importlib.util.spec_from_file_location(
        "bcc", package / "__init__.py", submodule_search_locations=[str(package)]
    )
    if spec is None or spec.loader is None:
        raise BindingError(f"{package} is not a Python package")
    module = importlib.util.module_from_spec(spec)
    sys.modules["bcc"] = module
    try:
        spec.loader.exec_module(module)
    except (ImportError, OSError, AttributeError, SyntaxError) as error:
        del sys.modules["bcc"]
        raise BindingError(f"{package} can't be loaded by Python {sys.version.split()[0]}: {error}") from error
    return module
