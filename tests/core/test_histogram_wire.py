"""What browsers get of a histogram."""

import json
from dataclasses import replace

from profiler.core.histogram_wire import message
from tests.core.test_histogram_batch import BATCH


def test_rows_leave_out_empty_ends_and_examples_are_whole() -> None:
    told = json.loads(message(replace(BATCH, start_ns=1_500_000_000, end_ns=2_500_000_000), {"entry": "1-0"}))
    assert (told["entry"], told["start_ms"], told["end_ms"]) == ("1-0", 1500, 2500)
    assert told["rows"][0] == {"labels": ["vda", "read"], "first": 0, "counts": [1, 2, 3], "sum": 17}
    assert (told["rows"][1]["first"], told["rows"][1]["counts"]) == (2, [2**32 - 1])
    assert told["examples"][0][1:] == [5, 1, 2, "a\n😀", ["vda", "read"]]
    assert told["lost_now"] == {"table full": 3}
