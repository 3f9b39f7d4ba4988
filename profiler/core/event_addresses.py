"""Network addresses of events, as people write them."""

from ipaddress import IPv4Address, IPv6Address

import numpy as np
import numpy.typing as npt

IPV4, IPV6 = 2, 10  # AF_INET and AF_INET6 of Linux


def addresses(packed: npt.NDArray[np.uint8], family: npt.NDArray[np.integer]) -> list[str]:
    """Of rows of sixteen bytes, network order; those of IPv4 use the first four. Each address is written once."""
    rows = np.column_stack([packed, (family == IPV6).astype(np.uint8)])
    found, place = np.unique(rows, axis=0, return_inverse=True)
    texts = [_written(row.tobytes()) for row in found]
    return [texts[i] for i in place.reshape(-1).tolist()]


def _written(row: bytes) -> str:
    if not row[-1]:
        return str(IPv4Address(row[:4]))
    address = IPv6Address(row[:16])
    return str(address.ipv4_mapped or address)
