"""The ring's layout is the kernel's; a file laid out like it can be read without one."""

import mmap
import os
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from profiler.agent.kernel.ring import FixedRingReader, RingReader

SIZE = 4096
PAGE = mmap.PAGESIZE
BUSY, DISCARDED = 1 << 31, 1 << 30


class FakeRing:
    """What the kernel's side would do: append records, tell the producer's position."""

    def __init__(self, fd: int) -> None:
        os.ftruncate(fd, 2 * PAGE + 2 * SIZE)
        self.fd = fd
        self.produced = 0

    def append(self, payload: bytes, flags: int = 0) -> None:
        record = struct.pack("<II", len(payload) | flags, 0) + payload
        for at, byte in enumerate(record.ljust((len(record) + 7) & ~7, b"\0")):
            offset = (self.produced + at) % SIZE
            for copy in (0, SIZE):  # the data is mapped twice in a row
                os.pwrite(self.fd, bytes([byte]), 2 * PAGE + copy + offset)
        self.produced += (len(record) + 7) & ~7
        os.pwrite(self.fd, struct.pack("<Q", self.produced), PAGE)

    def set_length(self, offset: int, length: int) -> None:
        """Finish the record that begins there."""
        for copy in (0, SIZE):
            os.pwrite(self.fd, struct.pack("<I", length), 2 * PAGE + copy + offset)

    def consumed(self) -> int:
        (position,) = struct.unpack("<Q", os.pread(self.fd, 8, 0))
        return int(position)


@contextmanager
def ring() -> Iterator[tuple[FakeRing, RingReader]]:
    fd = os.memfd_create("ring")
    fake = FakeRing(fd)
    reader = RingReader(fd, SIZE)
    try:
        yield fake, reader
    finally:
        reader.close()
        os.close(fd)


def test_records_come_in_order_and_their_room_is_given_back() -> None:
    with ring() as (fake, reader):
        payloads = [b"a" * 8, b"bc", b"", b"d" * 100]
        for payload in payloads:
            fake.append(payload)
        assert reader.drain() == payloads
        assert fake.consumed() == fake.produced
        assert reader.drain() == []


def test_a_record_that_is_being_written_holds_back_those_behind_it() -> None:
    with ring() as (fake, reader):
        fake.append(b"done")
        fake.append(b"busy", BUSY)
        fake.append(b"done too")
        assert reader.drain() == [b"done"]
        assert reader.drain() == []


def test_a_discarded_record_is_skipped() -> None:
    with ring() as (fake, reader):
        fake.append(b"discarded", DISCARDED)
        fake.append(b"kept")
        assert reader.drain() == [b"kept"]


def test_a_record_over_the_end_of_the_ring_is_whole() -> None:
    with ring() as (fake, reader):
        fake.append(bytes(SIZE - 40))
        reader.drain()
        fake.append(bytes(range(64)))
        assert reader.drain() == [bytes(range(64))]


RECORD = np.dtype([("time", "<u8"), ("key", "<u8")])


@contextmanager
def fixed_ring() -> Iterator[tuple[FakeRing, FixedRingReader]]:
    fd = os.memfd_create("ring")
    fake = FakeRing(fd)
    reader = FixedRingReader(fd, SIZE, RECORD)
    try:
        yield fake, reader
    finally:
        reader.close()
        os.close(fd)


def test_records_of_one_length_are_read_at_once_over_the_end_of_the_ring() -> None:
    with fixed_ring() as (fake, reader):
        for turn in range(3):
            wanted = [(turn, number) for number in range(SIZE // 24 - 1)]
            for pair in wanted:
                fake.append(struct.pack("<QQ", *pair))
            assert reader.drain().tolist() == wanted
            assert fake.consumed() == fake.produced


def test_records_of_one_length_stop_at_one_that_is_being_written() -> None:
    with fixed_ring() as (fake, reader):
        for key, flags in ((1, 0), (2, DISCARDED), (3, 0), (4, BUSY), (5, 0)):
            fake.append(struct.pack("<QQ", 0, key), flags)
        assert reader.drain()["key"].tolist() == [1, 3]
        assert reader.drain().tolist() == []


def test_what_is_being_written_is_waited_for() -> None:
    with fixed_ring() as (fake, reader):
        fake.append(struct.pack("<QQ", 0, 1), BUSY)
        fake.append(struct.pack("<QQ", 0, 2))
        finish = threading.Timer(0.01, lambda: fake.set_length(0, 16))
        finish.start()
        assert [key for part in reader.drain_all() for key in part["key"].tolist()] == [1, 2]


def test_what_stays_unfinished_is_not_waited_for_forever() -> None:
    with fixed_ring() as (fake, reader):
        fake.append(struct.pack("<QQ", 0, 1), BUSY)
        assert sum(map(len, reader.drain_all())) == 0
