"""Reading another process's memory."""

import os
import struct
from contextlib import AbstractContextManager
from types import TracebackType

MAX_ADDRESS = 1 << 47


class ProcessMemory(AbstractContextManager["ProcessMemory"]):
    """Raises OSError when the process is gone, when we may not, and for addresses where nothing is."""

    def __init__(self, pid: int) -> None:
        self._fd = os.open(f"/proc/{pid}/mem", os.O_RDONLY | os.O_CLOEXEC)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._fd)

    def read(self, address: int, size: int) -> bytes:
        if not 0 < address < MAX_ADDRESS:
            raise OSError(f"address {address:#x} is not in user memory")
        data = os.pread(self._fd, size, address)
        if len(data) < size:
            raise OSError(f"only {len(data)} of {size} bytes at {address:#x}")
        return data

    def word(self, address: int) -> int:
        """Eight bytes as an unsigned number."""
        return int(struct.unpack("<Q", self.read(address, 8))[0])
