"""What a probe's program has to know of the running kernel: where structs keep fields, which argument is which."""

from collections.abc import Iterator

from profiler.agent.kernel.btf import Btf, BtfError
from profiler.core.probe import Probe


def kernel_macros(probe: Probe) -> dict[str, int]:
    """Of each field its byte, OFF_STRUCT_FIELD, and its lowest bit in there, BIT_STRUCT_FIELD; of each raw tracepoint
    the first argument that is read, FIRST_event; numbers of enumerations, ENUM_NAME.

    Raises BtfError, which names what this kernel has otherwise.
    """
    if not probe.needs_btf:
        return {}
    btf = Btf.of_running_kernel()
    found: dict[str, int] = {}
    for names in probe.offsets:
        found |= _offsets(btf, names.split("|"))
    found |= {f"ENUM_{name}": btf.enumerator(name) for name in probe.enumerators}
    for prototype in probe.arguments:
        event, wanted = parsed(prototype)
        found[f"FIRST_{event}"] = first_of(event, wanted, btf.arguments(event))
    return found


def parsed(prototype: str) -> tuple[str, tuple[str, ...]]:
    """`event(struct*, number)` is the event and its arguments."""
    event, _, rest = prototype.partition("(")
    return event, tuple(rest.rstrip(")").split(", "))


def first_of(event: str, wanted: tuple[str, ...], passed: tuple[str, ...]) -> int:
    """Where the wanted arguments stand among those that the kernel passes: kernels have put others before or behind."""
    for first in range(len(passed) - len(wanted) + 1):
        if passed[first : first + len(wanted)] == wanted:
            return first
    raise BtfError(f"this kernel passes ({', '.join(passed)}) to tracepoint {event}, not ({', '.join(wanted)})")


def _offsets(btf: Btf, names: list[str]) -> dict[str, int]:
    """Of all of these fields that there are. Raises BtfError when there is none."""
    found = dict(_known(btf, names))
    if not found:
        btf.bit_offset(*names[0].split(".", 1))
    return found


def _known(btf: Btf, names: list[str]) -> Iterator[tuple[str, int]]:
    for name in names:
        try:
            bits = btf.bit_offset(*name.split(".", 1))
        except BtfError:
            continue
        macro = name.upper().replace(".", "_")
        yield from ((f"OFF_{macro}", bits // 8), (f"BIT_{macro}", bits % 8))
