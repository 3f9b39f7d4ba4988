"""Capabilities proven by a real recording, made in a process of its own.

What the self-test leaves in memory goes with the child, and a crash in there doesn't end the agent.
"""

import os
import subprocess
import sys
from collections.abc import Sequence

from pydantic import TypeAdapter, ValidationError

from profiler.agent.checks.capabilities import CPU, capabilities
from profiler.core.errors import WebprofError
from profiler.core.inventory import Capability

# Compiling takes 1 s on an idle CPU, 7 s on a busy one.
CHECK_TIMEOUT_S = 60
FIX = "`webprof doctor` on this host says more"
_capabilities: TypeAdapter[tuple[Capability, ...]] = TypeAdapter(tuple[Capability, ...])


def check_host() -> tuple[Capability, ...]:
    """Capabilities, with `cpu` unavailable when the self-test fails."""
    found = capabilities()
    if not next(item for item in found if item.name == CPU).available:
        return found
    from profiler.agent.checks.selftest import run_self_test  # noqa: PLC0415 loads what a host may lack

    try:
        run_self_test()
    except WebprofError as error:
        return _without_cpu(found, f"self-test: {error}", FIX)
    return found


def check_host_in_child() -> tuple[Capability, ...]:
    """`check_host`, leaving nothing in this process. Never raises."""
    command = [sys.executable, "-m", __name__]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    try:
        child = subprocess.run(command, check=False, env=environment, capture_output=True, timeout=CHECK_TIMEOUT_S)
        return _capabilities.validate_json(child.stdout)
    except subprocess.TimeoutExpired:
        return _without_cpu((), f"the self-test did not end within {CHECK_TIMEOUT_S} s", "a less busy moment; " + FIX)
    except OSError as error:
        return _without_cpu((), f"the self-test could not be started: {error}", FIX)
    except ValidationError:
        said = child.stderr.decode(errors="replace").strip().splitlines()[-1:]
        return _without_cpu((), f"the self-test crashed with status {child.returncode}: {''.join(said)}"[:1000], FIX)


def _without_cpu(found: Sequence[Capability], reason: str, fix: str) -> tuple[Capability, ...]:
    others = tuple(item for item in found if item.name != CPU)
    return (*others, Capability(name=CPU, available=False, reason=reason[:1000], fix=fix))


if __name__ == "__main__":
    sys.stdout.buffer.write(_capabilities.dump_json(check_host()))
