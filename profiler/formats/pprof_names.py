"""Frames and threads that a pprof message names. What it refers to may not be there: then it is empty or unknown."""

from typing import Any, Final

from profiler.core.frame import Frame, FrameKind, Thread, unnamed
from profiler.formats.checked_names import CheckedNames
from profiler.formats.kinds import kind_of

PIDS: Final = frozenset({"pid", "process_id"})
TIDS: Final = frozenset({"tid", "thread_id", "thread id"})
COMMS: Final = frozenset({"thread", "thread_name", "thread name", "comm"})
# Ids are the kernel's; lines and offsets fit what a batch holds.
MAX_ID: Final = 2**31
MAX_OFFSET: Final = 2**63
OTHER_LABELS: Final = "label that names no process or thread: not kept"


class PprofNames:
    """What the numbers of a message mean."""

    def __init__(self, message: Any, names: CheckedNames) -> None:
        self._names = names
        self._texts = [bytes(text).decode(errors="replace") for text in message.string_table]
        self._functions = {function.id: function for function in message.function}
        self._mappings = {mapping.id: mapping for mapping in message.mapping}
        self._threads: dict[tuple[tuple[int, int, int], ...], int] = {}

    def text(self, number: int) -> str:
        return self._texts[number] if 0 <= number < len(self._texts) else ""

    def frames(self, location: Any) -> list[int]:
        """Numbers of a location's frames, caller first: its last line is the function, others were inlined in it."""
        module, build_id, offset = self._place(location)
        if not location.line:
            return [self._names.frame(Frame(unnamed(module, offset), FrameKind.NATIVE, module, build_id, offset))]
        outer = len(location.line) - 1
        lines = reversed(list(enumerate(location.line)))
        return [self._frame(line, module, build_id, inlined=index < outer) for index, line in lines]

    def thread(self, labels: Any) -> int:
        """The number of the thread that a sample's labels name."""
        key = tuple((label.key, label.str, label.num) for label in labels)
        number = self._threads.get(key)
        if number is None:
            number = self._threads[key] = self._names.thread(self._thread(key))
        return number

    def _place(self, location: Any) -> tuple[str, str, int]:
        """Module, build id, and the address as its file counts."""
        mapping = self._mappings.get(location.mapping_id)
        if mapping is None:
            return "", "", location.address % MAX_OFFSET
        offset = location.address - mapping.memory_start + mapping.file_offset
        module = self.text(mapping.filename)
        return module.rsplit("/", 1)[-1], self.text(mapping.build_id), offset if 0 <= offset < MAX_OFFSET else 0

    def _frame(self, line: Any, module: str, build_id: str, *, inlined: bool) -> int:
        function = self._functions.get(line.function_id)
        name = self.text(function.name) or self.text(function.system_name) if function else ""
        file = self.text(function.filename) if function else ""
        kind = kind_of(module, file)
        if inlined and kind is FrameKind.NATIVE:
            kind = FrameKind.INLINED
        number = line.line if 0 <= line.line < MAX_ID else 0
        return self._names.frame(Frame(name, kind, module, build_id, file=file, line=number))

    def _thread(self, labels: tuple[tuple[int, int, int], ...]) -> Thread:
        pid, tid, comm = 0, 0, ""
        for key, text, number in labels:
            name, value = self.text(key).lower(), self.text(text)
            if name in PIDS:
                pid = _id(number, value)
            elif name in TIDS:
                tid = _id(number, value)
            elif name in COMMS and value:
                comm = value
            else:
                self._names.skips.counts[OTHER_LABELS] += 1
        return Thread(pid, tid, comm)


def _id(number: int, text: str) -> int:
    """Clients write ids as numbers or as text."""
    value = number or (int(text) if text.isdecimal() and len(text) < len(str(MAX_ID)) else 0)
    return value if 0 <= value < MAX_ID else 0
