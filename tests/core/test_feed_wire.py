"""Events as the browser gets them: what went in comes out, in messages that are not too large."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from profiler.core import feed_wire
from profiler.core.errors import BatchError
from profiler.core.event_batch import EventBatch
from profiler.core.probe import Columns
from profiler.core.sections import unpack
from tests.feed_double import DEMO, NS, columns

START_NS = 1_763_800_000 * NS + 123_456_789


def batch(made: Columns) -> EventBatch:
    return EventBatch("web-1", "demo", START_NS, START_NS + NS, made)


def sent(made: Columns) -> list[tuple[dict[str, Any], dict[str, list[Any]]]]:
    """Header and columns of each message, texts in the place of their numbers."""
    read = []
    for message in feed_wire.messages(batch(made), DEMO, {"entry": "1-0"}):
        header, found = unpack(feed_wire.MAGIC, feed_wire.SCHEMA, message)
        texts = header["texts"]
        read.append((header, {n: [texts[n][i] for i in c] if n in texts else c.tolist() for n, c in found.items()}))
    return read


def test_columns_come_out_as_they_went_in() -> None:
    made = columns(13, START_NS)
    ((header, found),) = sent(made)
    assert (header["events"], header["entry"], header["hidden"]) == (13, "1-0", [])
    assert {name: list(column) for name, column in made.items() if name != "at_ns"} == {
        name: column for name, column in found.items() if name != "at_ns"
    }
    assert [header["base_s"] * NS + int(at) for at in found["at_ns"]] == list(made["at_ns"])


def test_times_are_exact_to_the_nanosecond_also_before_the_batch() -> None:
    made = columns(2) | {"at_ns": np.array([START_NS - 3 * NS - 1, START_NS + 1], dtype="<u8")}
    ((header, found),) = sent(made)
    assert [header["base_s"] * NS + int(at) for at in found["at_ns"]] == [START_NS - 3 * NS - 1, START_NS + 1]


def test_each_text_is_sent_once() -> None:
    ((header, _),) = sent(columns(700))
    assert len(header["texts"]["comm"]) == 7


def test_many_events_become_several_messages_with_all_of_them() -> None:
    read = sent(columns(20_011))
    assert [header["events"] for header, _ in read] == [8192, 8192, 3627]
    assert [pid for _, found in read for pid in found["pid"]] == list(range(1000, 21_011))


def test_long_texts_make_messages_of_fewer_events(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_wire, "MAX_TEXT_CHARACTERS", 20_000)
    made = columns(11) | {"path": [str(i % 10) * 8192 for i in range(11)]}
    read = sent(made)
    assert max(header["events"] for header, _ in read) == 2
    assert [text for _, found in read for text in found["path"]] == made["path"]


def test_an_empty_batch_is_one_message() -> None:
    ((header, found),) = sent(columns(0))
    assert header["events"] == 0
    assert found["pid"] == []


def test_a_private_column_may_be_hidden_and_no_other() -> None:
    made = columns(3)
    del made["path"]
    ((header, found),) = sent(made)
    assert header["hidden"] == ["path"]
    assert "path" not in found
    del made["comm"]
    with pytest.raises(BatchError, match="comm"):
        sent(made)


@pytest.mark.parametrize("wrong", [{"pid": ["1", "2"]}, {"comm": np.array([1, 2], dtype="<u4")}])
def test_a_column_of_another_kind_is_refused(wrong: Columns) -> None:
    with pytest.raises(BatchError, match=next(iter(wrong))):
        sent(columns(2) | wrong)


def test_columns_that_the_probe_does_not_have_stay_behind() -> None:
    ((_, found),) = sent(columns(2) | {"secret": ["a", "b"]})
    assert "secret" not in found


def test_odd_texts_and_largest_numbers_survive() -> None:
    odd = ["<img src=x onerror=alert(1)>", "a\nb\x00\u202e", "😀\ufffd"]
    made = columns(3) | {"path": odd, "took_ns": np.full(3, 2**64 - 1, dtype="<u8")}
    ((header, found),) = sent(made)
    assert found["path"] == odd
    assert found["took_ns"] == [float(2**64)] * 3
    assert json.dumps(header)


def test_a_batch_from_the_edges_of_time_is_sent() -> None:
    made = columns(1) | {"at_ns": np.array([2**64 - 1], dtype="<u8")}
    edge = replace(batch(made), start_ns=2**63 - 1)
    assert len(feed_wire.messages(edge, DEMO, {})) == 1
