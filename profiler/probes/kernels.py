"""Since which kernel there is a tracepoint, or what it is built with: what to tell where one is missing."""

from collections.abc import Iterable, Mapping

# From the history of include/trace/events/ and arch/x86/include/asm/trace/ in Linux.
SINCE: Mapping[str, str] = {
    "exceptions:page_fault_user": "Linux 3.13 or later on x86",
    "lock:contention_begin": "Linux 5.19 or later",
    "lock:contention_end": "Linux 5.19 or later",
    "sock:inet_sock_set_state": "Linux 4.16 or later",
    "tcp:tcp_retransmit_skb": "Linux 4.15 or later",
    "tcp:tcp_send_reset": "Linux 4.15 or later",
    "tcp:tcp_receive_reset": "Linux 4.15 or later",
    "tcp:tcp_probe": "Linux 4.16 or later",
    "sched:sched_waking": "Linux 4.3 or later",
    "capability:cap_capable": "Linux 6.14 or later",
    "filemap:mm_filemap_get_pages": "Linux 6.12 or later",
    "sock:sock_send_length": "Linux 6.3 or later",
    "sock:sock_recv_length": "Linux 6.3 or later",
}
# Categories that depend on how the kernel was built.
BUILT_WITH: Mapping[str, str] = {
    "syscalls": "a kernel with CONFIG_FTRACE_SYSCALLS",
    "raw_syscalls": "a kernel with CONFIG_HAVE_SYSCALL_TRACEPOINTS",
    "block": "a kernel with CONFIG_BLOCK",
    "module": "a kernel with CONFIG_MODULES",
}


def by_kernel(tracepoints: Iterable[str]) -> dict[str, list[str]]:
    """Words for kernels → the tracepoints that these have."""
    found: dict[str, list[str]] = {}
    for tracepoint in tracepoints:
        found.setdefault(kernel_with(tracepoint), []).append(tracepoint)
    return found


def kernel_with(tracepoint: str) -> str:
    """Words for what has it; empty for one that all kernels have that webprof runs on, or nobody looked up."""
    return SINCE.get(tracepoint) or BUILT_WITH.get(tracepoint.partition(":")[0], "")
