"""What can be asked of a probe, and how it answers."""

import numpy as np
import pytest

from profiler.core.probe import COMM, PID, Choice, Emits, Field, Flag, Number, Probe, ProbeError, Shows, Text

PROBE = Probe(
    name="slow",
    title="Slow things",
    about="Things that take long.",
    emits=Emits.EVENTS,
    needs=("block:block_rq_issue",),
    cost_ns=500,
    parameters=(
        PID,
        COMM,
        Number("least_us", "At least", "Faster ones are left out.", 0, 10**9, 1000, "µs"),
        Flag("all", "All", ""),
    ),
    fields=(Field("at_ns", Shows.TIME, "Time"), Field("path", Shows.PATH, "File")),
)


def test_what_is_not_given_has_its_default() -> None:
    assert PROBE.values({"pid": 7}) == {"pid": 7, "comm": "", "least_us": 1000, "all": False}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"pid": -1}, r"probe slow: pid=-1 must be a whole number from 0 to 4194304"),
        ({"pid": True}, "pid=True must be a whole number"),
        ({"least_us": 10**9 + 1}, "least_us=1000000001 must be a whole number from 0 to 1000000000 µs"),
        ({"comm": "sixteen letters!"}, "comm='sixteen letters!' must be text of at most 15 bytes"),
        ({"comm": "a\0b"}, "must be text"),
        ({"all": 1}, "all=1 must be true or false"),
        ({"colour": 1}, "has no parameter colour; it has pid, comm, least_us, all"),
    ],
)
def test_a_wrong_value_is_told_with_what_it_may_be(given: dict[str, object], told: str) -> None:
    with pytest.raises(ProbeError, match=told):
        PROBE.values(given)


def test_text_of_an_address_becomes_values() -> None:
    given = {"pid": "7", "comm": "-5", "least_us": "", "all": "true"}
    assert PROBE.values_of_text(given) == {"pid": 7, "comm": "-5", "least_us": 1000, "all": True}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"pid": "-1"}, "pid='-1' must be a whole number from 0"),
        ({"pid": "7.0"}, "pid='7.0' must be a whole number"),
        ({"pid": "٧"}, "must be a whole number"),
        ({"pid": "9" * 5000}, "must be a whole number"),
        ({"all": "yes"}, "all='yes' must be true or false"),
        ({"colour": ""}, "has no parameter colour"),
    ],
)
def test_text_that_is_no_value_is_told(given: dict[str, str], told: str) -> None:
    with pytest.raises(ProbeError, match=told):
        PROBE.values_of_text(given)


def test_a_choice_is_one_of_its_words_and_a_number_for_the_program() -> None:
    colour = Choice("colour", "Colour", "", ("", "red", "blue"))
    probe = Probe("paint", "Paint", "", Emits.STACKS, (), 0, parameters=(colour,))
    assert probe.macros(probe.values({})) == {"COLOUR": 0}
    assert probe.macros(probe.values_of_text({"colour": "blue"})) == {"COLOUR": 2}
    with pytest.raises(ProbeError, match="colour='green' must be one of empty, red, blue"):
        probe.values({"colour": "green"})
    many = Choice("many", "Many", "", tuple(map(str, range(100))), "0")
    with pytest.raises(ValueError, match=r"must be one of 0, 1, .*, 11 and 88 more"):
        many.checked("100")


def test_a_text_has_a_form_and_reaches_no_program() -> None:
    event = Text("event", "Event", "", "[a-z]+:[a-z]+", "category:event", "sched:fork")
    probe = Probe("any", "Any", "", Emits.STACKS, (), 0, parameters=(event,))
    assert probe.values({}) == {"event": "sched:fork"}
    assert probe.macros(probe.values({"event": "block:issue"})) == {}
    for wrong in ("block", "block:issue\n", "a:b;c", 7, ""):
        with pytest.raises(ProbeError, match="must be category:event"):
            probe.values({"event": wrong})


def test_values_reach_the_program_as_numbers() -> None:
    macros = PROBE.macros(PROBE.values({"comm": "nginx", "all": True}))
    name = np.array([macros.pop("COMM_0"), macros.pop("COMM_1")], dtype="<u8").tobytes()
    assert name == b"nginx".ljust(16, b"\0")
    assert macros == {"PID": 0, "LEAST_US": 1000, "ALL": 1}


def test_what_can_hold_a_persons_data_is_known() -> None:
    assert [field.name for field in PROBE.fields if field.shows.is_private] == ["path"]
