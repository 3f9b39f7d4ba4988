"""An environment in which programs find their modules as pip leaves them when it installs an agent.

A checkout whose modules were never compiled makes each new process compile them again: 0.3 s of CPU and 8 MiB for an
agent, and as much for each of its workers. And Celery and Kombu load what they find: packages for developers that
requirements/agent.txt does not have take 2 MiB more.
"""

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

_MODULES = (
    "webprof.cli.agent", "profiler.agent.service", "profiler.agent.checks.host_check", "profiler.agent.kernel.compiler",
    "profiler.agent.unwind.worker", "profiler.debuginfo.worker",
)  # fmt: skip
# Modules of packages that are in requirements/dev.txt and not in agent.txt.
_OF_DEVELOPERS = ("backports.zstd", "greenlet", "yaml")
_PREFIX, _NEVER = "PYTHONPYCACHEPREFIX", "PYTHONDONTWRITEBYTECODE"


@contextlib.contextmanager
def compiled_modules() -> Iterator[None]:
    """For the processes that are started while this is open: the environment of this process is changed."""
    before = dict(os.environ)
    with tempfile.TemporaryDirectory(prefix="webprof-modules-") as directory:
        os.environ[_PREFIX] = directory
        os.environ.pop(_NEVER, None)
        hidden = f"import sys\nsys.modules.update(dict.fromkeys({_OF_DEVELOPERS!r}))\n"
        Path(directory, "sitecustomize.py").write_text(hidden)
        os.environ["PYTHONPATH"] = directory
        try:
            subprocess.run([sys.executable, "-c", f"import {', '.join(_MODULES)}"], check=True)
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)
