"""Regular expressions of people, in linear time: RE2, by Arrow."""

import pyarrow as pa
import pyarrow.compute as pc


def whole(pattern: str) -> str:
    """The expression that fits a text when `pattern` fits all of it."""
    return rf"\A(?:{pattern})\z"


def like(pattern: str, values: list[str]) -> set[str]:
    """Values that the expression fits as a whole: `core.selector.Like`. Raises ValueError."""
    try:
        fits = pc.match_substring_regex(pa.array(values, pa.string()), whole(pattern)).to_pylist()
    except pa.ArrowInvalid as error:
        raise ValueError(str(error).splitlines()[0]) from None
    return {value for value, fit in zip(values, fits, strict=True) if fit}
