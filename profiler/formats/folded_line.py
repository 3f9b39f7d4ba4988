"""One line of a folded file, and the sums of its values: whole, or exact to a millionth."""

import re
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

EXPECTED: Final = "expected 'root;caller;leaf 12'"
MICRO: Final = 1_000_000
SAMPLES: Final = "samples"
MICROSAMPLES: Final = "microsamples"
# Sums are int64; a factor of two is left for what is added to a profile later.
MAX_TOTAL: Final = 2**62
# More digits than any value in range, few enough that int() is quick.
MAX_DIGITS: Final = 19
_NUMBER: Final = re.compile(r"-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)")

NO_VALUE: Final = f"no value at the end ({EXPECTED})"
NO_STACK: Final = f"no stack before the value ({EXPECTED})"
NEGATIVE: Final = "value is negative"
ZERO: Final = "value is zero"
TOO_LARGE: Final = f"value is over {MAX_TOTAL:,}"
NUL: Final = "NUL byte, not text"
COMMENT: Final = ""


def split_line(line: str) -> tuple[str, int | Decimal] | str:
    """Stack and value of a line, or the reason why it has none; COMMENT for a line that says nothing.

    >>> split_line("main;work 3")
    ('main;work', 3)
    """
    stack, _, number = line.rpartition(" ")
    if not (number.isdecimal() and len(number) < MAX_DIGITS and stack):
        return _unusual(line.strip())
    if "\0" in stack:
        return NUL
    value = int(number)
    stack = stack.strip()
    if stack[:1] == "#" and is_comment(stack):
        return COMMENT
    return (stack, value) if value and stack else ZERO if stack else NO_STACK


def _unusual(line: str) -> tuple[str, int | Decimal] | str:
    if not line or is_comment(line):
        return COMMENT
    if "\0" in line:
        return NUL
    stack, number = ([*line.rsplit(None, 1), ""])[:2] if len(line.split(None, 1)) > 1 else ("", line)
    if _NUMBER.fullmatch(number) is None:
        return NO_VALUE
    value = Decimal(number)
    reason = NO_STACK if not stack else _out_of_range(value)
    return reason or (stack, int(value) if value == value.to_integral_value() else value)


def _out_of_range(value: Decimal) -> str:
    if value < 0:
        return NEGATIVE
    if value > MAX_TOTAL:
        return TOO_LARGE
    return "" if value else ZERO


def is_comment(line: str) -> bool:
    """`# total 12` says something about the file. `#run` may be a function (of JavaScript), `# a;b 1` is a stack."""
    return line == "#" or (line.startswith(("# ", "#\t", "##")) and ";" not in line)


class Values:
    """Sums by stack. If one has a fraction, all of them count in millionths: rounding would lose small ones."""

    def __init__(self) -> None:
        self._whole: dict[int, int] = {}
        self._micro: dict[int, int] = {}

    def add(self, node: int, value: int | Decimal) -> bool:
        """Add a value to a stack; true when it had to be rounded."""
        if isinstance(value, int):
            self._whole[node] = self._whole.get(node, 0) + value
            return False
        scaled = value * MICRO
        rounded = int(scaled.to_integral_value(ROUND_HALF_EVEN))
        self._micro[node] = self._micro.get(node, 0) + rounded
        return rounded != scaled

    def sums(self) -> tuple[dict[int, int], str]:
        """Value by stack, and its unit. Stacks whose fractions were too small for a millionth are left out."""
        if not self._micro:
            return self._whole, SAMPLES
        nodes = {**self._whole, **self._micro}
        scaled = {n: self._whole.get(n, 0) * MICRO + self._micro.get(n, 0) for n in nodes}
        if all(value % MICRO == 0 for value in scaled.values()):
            return {node: value // MICRO for node, value in scaled.items() if value}, SAMPLES
        return {node: value for node, value in scaled.items() if value}, MICROSAMPLES
