"""Where the running kernel keeps a thread's user-space thread pointer."""

import functools

from profiler.agent.kernel.btf import Btf


@functools.cache
def fsbase_offset() -> int:
    """Bytes from the start of task_struct; reading BTF takes some 40 ms. Raises BtfError."""
    return Btf.of_running_kernel().offset("task_struct", "thread.fsbase")
