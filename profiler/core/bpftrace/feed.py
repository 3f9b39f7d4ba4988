"""The lines that a program prints: at most so many a second, the last ones kept, every other one counted."""

from collections import deque

from profiler.core.bpftrace.output import Printed as Said
from profiler.core.bpftrace.results import MAX_LINE_CHARACTERS, MAX_LINES, MAX_LINES_CHARACTERS, Printed

# More than anybody reads; what bpftrace prints beyond is counted without looking into it.
LINES_PER_S = 1000


class Feed:
    """`add` or `skip` each line that came; `told` says what is kept."""

    def __init__(self, lines_per_s: int = LINES_PER_S) -> None:
        self._rate = lines_per_s
        self._second = -1
        self._in_second = 0
        self._kept: deque[tuple[int, str]] = deque()
        self._characters = 0
        self._begun = ""
        self.counts = Printed()

    def has_room(self, at_ms: int) -> bool:
        """Whether another line may be kept in this second."""
        if at_ms // 1000 != self._second:
            self._second, self._in_second = at_ms // 1000, 0
        return self._in_second < self._rate

    def skip(self) -> None:
        """One line came that was over the rate."""
        self.counts.seen += 1
        self.counts.over_rate += 1

    def add(self, said: Said, at_ms: int) -> None:
        self._in_second += 1
        self.counts.seen += 1
        *ended, rest = (self._begun + said.text).split("\n")
        if rest and (said.ends or len(rest) > MAX_LINE_CHARACTERS):
            ended.append(rest)
            rest = ""
        self._begun = rest
        for line in ended[:MAX_LINES]:
            self._keep(line, at_ms)
        self.counts.scrolled += max(0, len(ended) - MAX_LINES)

    def told(self, at_ms: int) -> Printed:
        """With what was begun and has no end yet."""
        lines = [*self._kept, *([(at_ms, self._begun[:MAX_LINE_CHARACTERS])] if self._begun else [])][-MAX_LINES:]
        return self.counts.model_copy(update={"at_ms": [at for at, _ in lines], "text": [text for _, text in lines]})

    def _keep(self, line: str, at_ms: int) -> None:
        text = line if len(line) <= MAX_LINE_CHARACTERS else line[: MAX_LINE_CHARACTERS - 1] + "…"
        self._kept.append((at_ms, text))
        self._characters += len(text)
        while len(self._kept) > MAX_LINES or self._characters > MAX_LINES_CHARACTERS:
            self._characters -= len(self._kept.popleft()[1])
            self.counts.scrolled += 1
