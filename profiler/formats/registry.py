"""All formats, and how to tell which one a file has."""

from collections.abc import Sequence
from typing import Final

from profiler.core.profile import Profile
from profiler.formats import folded, perf_script, pprof, speedscope
from profiler.formats.base import DEFAULT_LIMITS, NOT_TEXT, OTHER_NATURE, BinaryStream, Guess, Importer, Limits, refuse
from profiler.formats.lines import preview

# Adding a format is adding its module here.
IMPORTERS: Final[tuple[Importer, ...]] = (perf_script, pprof, speedscope, folded)
# Enough for the header of a `perf script --header` text and some samples.
HEAD_BYTES: Final = 128 * 1024


def sniff(head: bytes, filename: str = "", *, whole: bool = False) -> list[Guess]:
    """What the first bytes of a file may be, the likeliest first, and why. `whole`: they are all of it."""
    if not head:
        return [Guess(importer.FORMAT, 0, "the file is empty") for importer in IMPORTERS]
    seen = preview(head, DEFAULT_LIMITS, whole=whole)
    return sorted((importer.sniff(seen, filename) for importer in IMPORTERS), key=lambda guess: -guess.confidence)


def load(
    stream: BinaryStream,
    filename: str = "",
    limits: Limits = DEFAULT_LIMITS,
    format: str | None = None,  # noqa: A002 - the word our users know
) -> list[Profile]:
    """The profiles in a file, read as `format` (a key of `formats()`), or as what it looks like.

    Raises FormatError when it looks like nothing known (with what each format says of it), or can't be read.
    """
    if format is not None:
        return _importer(format, filename).load_profiles(stream, filename, limits)
    head = _head(stream)
    guesses = sniff(head, filename, whole=len(head) < HEAD_BYTES)
    if not guesses[0].confidence:
        raise refuse(filename, _unrecognised(guesses))
    return _importer(guesses[0].format, filename).load_profiles(_Rewound(head, stream), filename, limits)


def formats() -> dict[str, str]:
    """Name and title of each format that can be read."""
    return {importer.FORMAT: importer.TITLE for importer in IMPORTERS}


def _importer(name: str, filename: str) -> Importer:
    for importer in IMPORTERS:
        if name == importer.FORMAT:
            return importer
    raise refuse(filename, f"unknown format {name!r}: use one of {', '.join(formats())}")


def _unrecognised(guesses: Sequence[Guess]) -> str:
    """What the formats say that looked closer: that a file is no text, or no JSON, most of them say."""
    if len({guess.reason for guess in guesses}) == 1:
        return guesses[0].reason
    closer = [guess for guess in guesses if guess.reason not in OTHER_NATURE]
    if not closer:
        return f"{NOT_TEXT}; nor is it one of {', '.join(formats())}"
    return "not a profile that we know: " + "; ".join(f"{guess.format}: {guess.reason}" for guess in closer)


def _head(stream: BinaryStream) -> bytes:
    parts, have = [], 0
    while have < HEAD_BYTES and (part := stream.read(HEAD_BYTES - have)):
        parts.append(part)
        have += len(part)
    return b"".join(parts)


class _Rewound:
    """A stream whose head was read already: uploads and pipes can't seek."""

    def __init__(self, head: bytes, stream: BinaryStream) -> None:
        self._head, self._stream = head, stream

    def read(self, size: int, /) -> bytes:
        if self._head:
            part, self._head = self._head[:size], self._head[size:]
            return part
        return self._stream.read(size)
