"""Profiles drawn as text read back as the same profiles."""

import pytest
from hypothesis import given, settings

from profiler.core.errors import ProfileError
from profiler.core.frame import Frame, FrameKind, Thread
from profiler.core.profile import Profile
from profiler.core.textart import parse, render
from tests.core.strategies import PROFILES

TEXT = """\
-
  main 1
web 12/34
  main
    read <kernel> 2
    work 3
      main 4
"""


def test_a_drawn_profile_has_the_threads_stacks_and_values_drawn() -> None:
    profile = parse(TEXT)
    assert profile.total == 10
    assert profile.threads == (Thread(), Thread(12, 34, "web"))
    assert profile.frames == (Frame("main"), Frame("read", FrameKind.KERNEL), Frame("work"))
    assert len(profile.stacks) == 4


def test_drawing_is_the_inverse_of_reading() -> None:
    assert render(parse(TEXT)) == TEXT


@settings(deadline=None)
@given(PROFILES)
def test_every_profile_can_be_drawn_and_read(profile: Profile) -> None:
    assert render(parse(render(profile))) == render(profile)
    assert parse(render(profile)).total == profile.total


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("web\n    main 1", "line 2: .* is indented by more than one level"),
        ("web\n   main 1", "line 2: .* is indented by more than one level"),
        ("web\n  main <nice> 1", "line 2: 'main <nice> 1' has no known kind: use <process>, <native>"),
    ],
)
def test_what_can_not_be_read_is_named(text: str, message: str) -> None:
    with pytest.raises(ProfileError, match=message):
        parse(text)
