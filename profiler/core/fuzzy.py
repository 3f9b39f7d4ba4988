"""How well what somebody typed fits a name: its letters in their order, the better the closer together they stand."""

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

# A letter that begins a word says more than one within; one that follows the letter before it says most.
FIRST_OF_WORD, NEXT_TO_LAST, WITHIN = 6, 8, 1
# Letters that are skipped before the first match, at most so many of them count.
MAX_LEAD = 10
# Places of a letter that are tried: names have few, and hostile ones must not take long.
MAX_STARTS = 8


class Match(NamedTuple):
    """`places`: where in the name the letters stand."""

    score: int
    places: tuple[int, ...]


def match(wanted: str, name: str) -> Match | None:
    """None when the name does not have all letters in this order. Spaces in `wanted` part what may be apart.

    The first letter may stand at several places: the best of them counts.
    """
    letters, text = _lower("".join(wanted.split())), _lower(name)
    if not letters:
        return Match(0, ())
    starts = islice(_places(letters[0], text), MAX_STARTS)
    found = (_from(letters, text, start, words) for start in starts for words in (True, False))
    return max((one for one in found if one), key=lambda one: one.score, default=None)


def _lower(text: str) -> str:
    """As many letters as before: places must stay."""
    small = text.lower()
    return small if len(small) == len(text) else "".join(one if len(one.lower()) > 1 else one.lower() for one in text)


def _places(letter: str, text: str, start: int = 0) -> Iterator[int]:
    place = text.find(letter, start)
    while place >= 0:
        yield place
        place = text.find(letter, place + 1)


def _from(letters: str, text: str, start: int, words: bool) -> Match | None:
    """Each letter right after the one before, else where a word begins (`words`), else where it comes next."""
    places = [start]
    for letter in letters[1:]:
        place = text.find(letter, places[-1] + 1)
        if words and place > places[-1] + 1:
            place = next((one for one in islice(_places(letter, text, place), MAX_STARTS) if _begins(text, one)), place)
        if place < 0:
            return None
        places.append(place)
    score = sum(_worth(text, place, before) for place, before in zip(places, [-2, *places], strict=False))
    return Match(score - min(start, MAX_LEAD), tuple(places))


def _worth(text: str, place: int, before: int) -> int:
    if place == before + 1:
        return NEXT_TO_LAST
    return FIRST_OF_WORD if _begins(text, place) else WITHIN


def _begins(text: str, place: int) -> bool:
    return place == 0 or not text[place - 1].isalnum()
