"""Ids that sort by the time they were made."""

from uuid import UUID

RANDOM_BYTES = 10


def uuid7(unix_ms: int, random: bytes) -> UUID:
    """A UUID of version 7 (RFC 9562, section 5.7): 48 bits of Unix milliseconds, then 74 random bits.

    >>> str(uuid7(0x017F22E279B0, bytes(10)))
    '017f22e2-79b0-7000-8000-000000000000'
    """
    if len(random) != RANDOM_BYTES:
        raise ValueError(f"uuid7 needs {RANDOM_BYTES} random bytes, not {len(random)}")
    if not 0 <= unix_ms < 1 << 48:
        raise ValueError(f"uuid7: {unix_ms} ms does not fit 48 bits")
    entropy = int.from_bytes(random, "big")
    random_a = entropy >> 68  # 12 bits
    random_b = entropy & ((1 << 62) - 1)
    return UUID(int=unix_ms << 80 | 0x7 << 76 | random_a << 64 | 0b10 << 62 | random_b)
