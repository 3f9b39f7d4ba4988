"""Whether this host runs bpftrace programs. Its own policy comes first: the server can't change it."""

import re
import shutil
import subprocess

from profiler.core.bpftrace.channel import CAPABILITY
from profiler.core.inventory import Capability

# JSON output is as docs/bpftrace.md says from here on.
OLDEST = (0, 17)
VERSION_TIMEOUT_S = 20
NOT_ALLOWED = "this agent runs no bpftrace programs"
ALLOW = "start it with --allow-bpftrace (WEBPROF_AGENT_ALLOW_BPFTRACE=1): such programs see everything on the host"
INSTALL = "apt-get install bpftrace, then restart the agent"


def bpftrace_capability(*, allowed: bool) -> Capability:
    reason, fix = (_missing(), INSTALL) if allowed else (NOT_ALLOWED, ALLOW)
    return Capability(name=CAPABILITY, available=not reason, reason=reason, fix=fix if reason else "")


def _missing() -> str:
    """Why the program can't be used; empty when it can."""
    if shutil.which("bpftrace") is None:
        return "bpftrace was not found"
    try:
        said = subprocess.run(["bpftrace", "--version"], check=True, capture_output=True, timeout=VERSION_TIMEOUT_S)
    except (OSError, subprocess.SubprocessError) as error:
        return f"bpftrace can't be started: {error}"[:500]
    found = re.search(rb"v(\d+)\.(\d+)", said.stdout)
    version = (int(found[1]), int(found[2])) if found else (0, 0)
    return "" if version >= OLDEST else f"bpftrace {version[0]}.{version[1]} is older than {OLDEST[0]}.{OLDEST[1]}"
