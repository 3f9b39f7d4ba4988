"""The text of /proc/PID/maps, which is read for each process that is met."""

import os

# A process may have 65,530 mappings (vm.max_map_count) with paths of its own choosing; this much is read of them.
MAX_MAPS_BYTES = 32 << 20
# The kernel gives a page at a time. Asking Python for all that may come makes it allocate that first.
_PIECE_BYTES = 1 << 16


def read_maps(pid: int) -> str:
    """Raises OSError when the process is gone. Empty for kernel threads."""
    descriptor = os.open(f"/proc/{pid}/maps", os.O_RDONLY | os.O_CLOEXEC)
    try:
        pieces, left = [], MAX_MAPS_BYTES
        while left > 0 and (piece := os.read(descriptor, min(left, _PIECE_BYTES))):
            pieces.append(piece)
            left -= len(piece)
    finally:
        os.close(descriptor)
    return b"".join(pieces).decode(errors="replace")
