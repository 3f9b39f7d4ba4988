"""Addresses of events as text."""

from ipaddress import ip_address

import numpy as np
import numpy.typing as npt

from profiler.core.event_addresses import IPV4, IPV6, addresses


def packed(*texts: str) -> npt.NDArray[np.uint8]:
    return np.array([list(ip_address(text).packed.ljust(16, b"\0")) for text in texts], dtype=np.uint8)


def test_addresses_of_both_families_are_written_as_people_write_them() -> None:
    texts = ["10.0.0.1", "2001:db8::1", "10.0.0.1", "::1", "::ffff:192.0.2.7"]
    family = np.array([IPV4, IPV6, IPV4, IPV6, IPV6])
    assert addresses(packed(*texts), family) == ["10.0.0.1", "2001:db8::1", "10.0.0.1", "::1", "192.0.2.7"]


def test_no_addresses_are_no_texts() -> None:
    assert addresses(np.zeros((0, 16), dtype=np.uint8), np.zeros(0, dtype=np.uint32)) == []
