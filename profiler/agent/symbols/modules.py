"""Modules: the files that processes execute, read once and shared by everything that maps them."""

import contextlib
import itertools
import os
import stat
import weakref
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from profiler.agent.symbols.debug_files import FoundFile, OpenDwarf, open_with_debug_info
from profiler.agent.symbols.maps import Mapping
from profiler.agent.unwind.mappings import own_vdso
from profiler.core.frame import Frame, FrameKind, unnamed
from profiler.debuginfo.demangle import demangle
from profiler.debuginfo.elf import ElfError
from profiler.debuginfo.image import ElfImage, read_elf
from profiler.debuginfo.symbol_table import SymbolTable

# Fifty modules of a busy host, compilers and LLVM among them, take 6 MB; beyond, those go that were met longest ago.
# One in use by a sampled process stays as long as that is remembered, however large (a browser's may take 30 MB).
MAX_CACHED_BYTES = 8 << 20
# What remembering a module costs besides its table: itself and the frames of a few hundred addresses.
_MODULE_BYTES = 16_384
# Files with debug information stay open: a program may be deleted while it runs. Beyond, the least recently used go.
MAX_OPEN_FILES = 128
# A busy program is sampled at some thousand addresses; beyond this a module's frames are looked up anew.
MAX_KEPT_FRAMES = 16_384
_VDSO = "[vdso]"
_NO_IMAGE = ElfImage(build_id="", segments=(), symbols=SymbolTable.empty(), stripped=True)
_NUMBERS = itertools.count(1)

FileKey = tuple[int, int, int, int]
_NO_KEY: FileKey = (0, 0, 0, 0)


@dataclass(eq=False)
class Module:
    """`number` tells modules apart that have the same name and build id. `dwarf` is taken away when too many are open.

    Its frames have the names of the symbol table then.
    """

    name: str
    image: ElfImage
    dwarf: OpenDwarf | None = None
    number: int = field(default_factory=lambda: next(_NUMBERS))
    _frames: dict[int, Frame] = field(default_factory=dict)
    _functions: dict[int, Frame] = field(default_factory=dict)

    def frame(self, file_offset: int) -> Frame:
        """The function that holds the byte of the file at this offset; without a symbol, called by where it begins.

        A function without a symbol keeps the very address, so that whoever has its symbols later can tell more.
        Where there is debug information the frame is unfinished: it has its address as well, and the module's number
        for a line, until naming puts what was inlined there in its place. Processes that map one file share its frames.
        """
        frame = self._frames.get(file_offset)
        if frame is None:
            if len(self._frames) >= MAX_KEPT_FRAMES:
                self._frames.clear()
                self._functions.clear()
            frame = self._frames[file_offset] = self._find(file_offset)
        return frame

    def known(self, file_offset: int) -> Frame | None:
        """As `frame` said before, None for what it was not asked, or not lately."""
        return self._frames.get(file_offset)

    def forget_dwarf(self) -> None:
        self.dwarf = None
        self._frames.clear()

    def _find(self, file_offset: int) -> Frame:
        address = self.image.address_of(file_offset)
        symbol = self.image.symbols.number(address) if address is not None else None
        function = self._function(symbol) if symbol is not None else None
        place = file_offset if address is None else address
        unfinished = self.number if self.dwarf is not None and address is not None else 0
        if function is None or not function.name:
            start = None if address is None else self.image.function_start(address)
            name = unnamed(self.name, place if start is None else start)
            return Frame(name, FrameKind.NATIVE, self.name, self.image.build_id, place, line=unfinished)
        if not unfinished:
            return function
        return Frame(function.name, FrameKind.NATIVE, self.name, self.image.build_id, place, line=unfinished)

    def _function(self, number: int) -> Frame:
        function = self._functions.get(number)
        if function is None:
            # A full symbol table writes versions behind names: `clone@@GLIBC_2.2.5`.
            name = demangle(self.image.symbols.name(number).partition(b"@")[0].decode(errors="replace"))
            function = self._functions[number] = Frame(name, FrameKind.NATIVE, self.name, self.image.build_id)
        return function


def is_unfinished(frame: Frame) -> bool:
    return frame.kind is FrameKind.NATIVE and frame.offset != 0 and frame.line != 0


class ModuleCache:
    """Modules by device, inode, modification time and size. Bounded by the bytes of their tables and by open files.

    `roots`: where else files of processes may be that are gone.
    """

    def __init__(
        self,
        roots: Callable[[], Iterable[Path]] = tuple,
        max_bytes: int = MAX_CACHED_BYTES,
        max_open: int = MAX_OPEN_FILES,
    ) -> None:
        self._roots = roots
        self._modules: OrderedDict[FileKey, Module] = OrderedDict()
        # Those that processes still use, too: reading them again would have them twice.
        self._alive: weakref.WeakValueDictionary[FileKey, Module] = weakref.WeakValueDictionary()
        self._max_bytes = max_bytes
        self._max_open = max_open
        self._bytes = 0
        self._vdso: Module | None = None
        self._keys: dict[tuple[str, int], FileKey] = {}

    def of_file(self, pid: int, mapping: Mapping) -> Module:
        """The module of a file mapping; one without symbols when the file can't be read."""
        place = (mapping.device, mapping.inode)
        try:
            path, root, key = _locate(pid, mapping, self._roots())
        except OSError:
            # The process is gone, and its file is not to be seen from here: another one may have had it before.
            return self._modules.get(self._keys.get(place, _NO_KEY)) or Module(mapping.module, _NO_IMAGE)
        self._keys[place] = key
        if module := self._modules.get(key):
            self._modules.move_to_end(key)
            return module
        module = self._alive.get(key) or Module(mapping.module, *_read(path, root, mapping))
        self._remember(key, module)
        return module

    def of_vdso(self) -> Module:
        """The kernel's code in every process. Ours is read: another process may overwrite its own copy."""
        if self._vdso is None:
            try:
                image = read_elf(own_vdso().read_at)
            except (OSError, ElfError):
                image = _NO_IMAGE
            self._vdso = Module(_VDSO, image)
        return self._vdso

    def _remember(self, key: FileKey, module: Module) -> None:
        self._modules[key] = self._alive[key] = module
        self._bytes += module.image.nbytes + _MODULE_BYTES
        while self._bytes > self._max_bytes and len(self._modules) > 1:
            gone, oldest = self._modules.popitem(last=False)
            self._keys = {place: key for place, key in self._keys.items() if key != gone}
            self._bytes -= oldest.image.nbytes + _MODULE_BYTES
        opened = [each for each in self._modules.values() if each.dwarf is not None]
        for oldest in opened[: max(0, len(opened) - self._max_open)]:
            oldest.forget_dwarf()


def _locate(pid: int, mapping: Mapping, roots: Iterable[Path]) -> tuple[Path, Path, FileKey]:
    """A path that opens the mapped file, the root it is seen from, and the file's identity. Raises OSError.

    The entry in map_files is the mapped file itself, deleted or replaced or in a container; it needs more rights
    than the path inside the process's root, which is trusted only when it still is the same inode. When the process
    is gone the file may still be there, on the host or in one of `roots`.
    """
    last_error = OSError(f"{mapping.path} of process {pid}")
    for path, root in _places(pid, mapping, roots):
        try:
            found = os.stat(path)  # noqa: PTH116 called for each file of each process that is met
        except OSError as error:
            last_error = error
            continue
        if stat.S_ISREG(found.st_mode) and found.st_ino == mapping.inode:
            return Path(path), Path(root), (found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size)
    raise last_error


def _places(pid: int, mapping: Mapping, roots: Iterable[Path]) -> Iterator[tuple[str, str]]:
    own = f"/proc/{pid}/root"
    yield f"/proc/{pid}/map_files/{mapping.map_files_name}", own
    yield own + mapping.path, own
    yield mapping.path, own
    for root in roots:
        yield f"{root}{mapping.path}", str(root)


def _read(path: Path, root: Path, mapping: Mapping) -> FoundFile:
    try:
        return open_with_debug_info(path, _place(root, mapping), (Path("/"), root))
    except (OSError, ElfError):
        return FoundFile(_NO_IMAGE, None)


def _place(root: Path, mapping: Mapping) -> Path:
    """Where the process itself finds the file. A container's maps say so; those of a chroot show our own path."""
    path = Path(mapping.path)
    with contextlib.suppress(OSError, ValueError):
        return Path("/") / path.relative_to(root.readlink())
    return path
