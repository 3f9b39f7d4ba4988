"""The cyclic collector rests within a block only, whatever comes of it."""

import gc

import pytest

from profiler.ingest import collector


def fail_within() -> None:
    with collector.at_rest():
        assert not gc.isenabled()
        raise ValueError("bad profile")


def test_the_collector_goes_on_after_the_block_even_when_that_failed() -> None:
    with pytest.raises(ValueError, match="bad profile"):
        fail_within()
    assert gc.isenabled()


def test_a_collector_that_was_off_stays_off() -> None:
    gc.disable()
    try:
        with collector.at_rest():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
