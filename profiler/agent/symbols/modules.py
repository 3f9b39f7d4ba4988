"""Modules: the files that processes execute, read once and shared by everything that maps them."""

import stat
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

from profiler.agent.symbols.maps import Mapping
from profiler.core.frame import Frame, FrameKind
from profiler.debuginfo.demangle import demangle
from profiler.debuginfo.elf import ElfError
from profiler.debuginfo.image import ElfImage, read_elf, read_elf_file
from profiler.debuginfo.symbol_table import SymbolTable

# Symbol tables of a busy host fit (libLLVM's is 4 MB, a browser's 100 MB); beyond, the least recently used go.
MAX_CACHED_BYTES = 256 << 20
# What remembering a module costs besides its table.
_MODULE_BYTES = 2048
# The vdso is two pages; no kernel's is near this.
_MAX_VDSO_BYTES = 1 << 20
_DEBUG_DIRECTORY = "usr/lib/debug/.build-id"
_NO_IMAGE = ElfImage(build_id="", segments=(), symbols=SymbolTable.empty(), stripped=True)

FileKey = tuple[int, int, int, int]


@dataclass(frozen=True)
class Module:
    name: str
    image: ElfImage

    def frame(self, file_offset: int) -> Frame:
        """The function that holds the byte of the file at this offset, or the place itself when no symbol does."""
        address = self.image.address_of(file_offset)
        symbol = self.image.symbols.find(address) if address is not None else None
        if symbol:
            # A full symbol table writes versions behind names: `clone@@GLIBC_2.2.5`.
            name = demangle(symbol.partition(b"@")[0].decode(errors="replace"))
            return Frame(name, FrameKind.NATIVE, self.name, self.image.build_id)
        place = file_offset if address is None else address
        return Frame(f"{self.name}+{place:#x}", FrameKind.NATIVE, self.name, self.image.build_id, place)


class ModuleCache:
    """Modules by device, inode, modification time and size. Bounded by the bytes of their tables."""

    def __init__(self, max_bytes: int = MAX_CACHED_BYTES) -> None:
        self._modules: OrderedDict[FileKey, Module] = OrderedDict()
        self._max_bytes = max_bytes
        self._bytes = 0

    def of_file(self, pid: int, mapping: Mapping) -> Module:
        """The module of a file mapping; one without symbols when the file can't be read."""
        try:
            path, key = _locate(pid, mapping)
        except OSError:
            return Module(mapping.module, _NO_IMAGE)
        if module := self._modules.get(key):
            self._modules.move_to_end(key)
            return module
        module = Module(mapping.module, _read_image(path, pid))
        self._remember(key, module)
        return module

    def of_vdso(self, pid: int, mapping: Mapping) -> Module:
        """The kernel's code in the process, read out of its memory."""
        start, size = mapping.start, min(mapping.end - mapping.start, _MAX_VDSO_BYTES)
        try:
            with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
                memory.seek(start)
                image = memory.read(size)
            return Module(mapping.module, read_elf(lambda offset, length: image[offset : offset + length]))
        except (OSError, ElfError):
            return Module(mapping.module, _NO_IMAGE)

    def _remember(self, key: FileKey, module: Module) -> None:
        self._modules[key] = module
        self._bytes += module.image.symbols.nbytes + _MODULE_BYTES
        while self._bytes > self._max_bytes and len(self._modules) > 1:
            _, oldest = self._modules.popitem(last=False)
            self._bytes -= oldest.image.symbols.nbytes + _MODULE_BYTES


def _locate(pid: int, mapping: Mapping) -> tuple[Path, FileKey]:
    """A path that opens the mapped file, and the file's identity. Raises OSError.

    The entry in map_files is the mapped file itself, deleted or replaced or in a container; it needs more rights
    than the path inside the process's root, which is trusted only when it still is the same inode.
    """
    last_error = OSError(f"{mapping.path} of process {pid}")
    for path in (Path(f"/proc/{pid}/map_files/{mapping.map_files_name}"), Path(f"/proc/{pid}/root{mapping.path}")):
        try:
            found = path.stat()
        except OSError as error:
            last_error = error
            continue
        if stat.S_ISREG(found.st_mode) and found.st_ino == mapping.inode:
            return path, (found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size)
    raise last_error


def _read_image(path: Path, pid: int) -> ElfImage:
    try:
        image = read_elf_file(path)
    except (OSError, ElfError):
        return _NO_IMAGE
    if image.stripped and image.build_id:
        return _with_debug_symbols(image, pid)
    return image


def _with_debug_symbols(image: ElfImage, pid: int) -> ElfImage:
    """The image with the symbols of its separate debug file, on the host or in the process's container."""
    name = f"{_DEBUG_DIRECTORY}/{image.build_id[:2]}/{image.build_id[2:]}.debug"
    for path in (f"/{name}", f"/proc/{pid}/root/{name}"):
        try:
            debug = read_elf_file(path)
        except (OSError, ElfError):
            continue
        if debug.build_id == image.build_id and debug.symbols:
            return ElfImage(image.build_id, image.segments, debug.symbols, stripped=False)
    return image
