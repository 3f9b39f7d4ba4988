"""All probes, found by their folders: adding one is adding a folder."""

import importlib
import pkgutil
from functools import cache

from profiler import probes
from profiler.core.probe import Probe, ProbeError


@cache
def all_probes() -> dict[str, Probe]:
    """By name, in the order of names."""
    names = sorted(found.name for found in pkgutil.iter_modules(probes.__path__) if found.ispkg)
    return {name: importlib.import_module(f"{probes.__name__}.{name}").PROBE for name in names}


def probe_named(name: str) -> Probe:
    """Raises ProbeError."""
    found = all_probes().get(name)
    if found is None:
        raise ProbeError(f"there is no probe {name[:60]!r}; there are {', '.join(all_probes())}")
    return found


def program_file(probe: Probe) -> str:
    """Below the package, as ProgramOptions.files has it."""
    return f"probes/{probe.name}/program.c"
