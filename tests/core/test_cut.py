"""Stacks without their outermost callers are marked, and can be shown alone or left out."""

from hypothesis import given
from hypothesis import strategies as st

from profiler.core.cut import WHOLE_OUTCOMES, cut_frame, cut_outcome, only
from profiler.core.frame import Frame, FrameKind, Thread
from profiler.core.merge import merge
from profiler.core.profile import Profile, ProfileMeta
from profiler.core.states import is_state, state_frame
from profiler.core.tree import build_tree
from tests.core.strategies import AT_NS, FRAMES, THREADS, build, build_timed
from tests.core.test_tree import tree_paths

MARKS = st.sampled_from([[], [cut_frame("file not parsed yet")], [cut_frame("too deep")]])
STACKS = st.tuples(MARKS, st.lists(FRAMES, min_size=1, max_size=4)).map(lambda parts: parts[0] + parts[1])
PROFILES = st.builds(
    build_timed,
    st.lists(st.tuples(STACKS, THREADS, AT_NS, st.integers(0, 3)), max_size=8),
    st.just(ProfileMeta()),
)


@given(PROFILES)
def test_whole_and_cut_stacks_are_all_stacks(profile: Profile) -> None:
    whole, cut = only(profile, "whole").check(), only(profile, "cut").check()
    assert tree_paths(build_tree(merge([whole, cut], profile.meta))) == tree_paths(build_tree(profile))
    assert len(whole.times) + len(cut.times) == len(profile.times)


@given(PROFILES)
def test_each_part_has_only_what_it_says(profile: Profile) -> None:
    for which in ("whole", "cut"):
        part = only(profile, which)
        roots = {profile.frames[part.stacks.path(node)[0]] for node in part.node.tolist()}
        assert all((cut_outcome(root) is not None) == (which == "cut") for root in roots)


def test_all_stacks_are_the_profile_itself() -> None:
    profile = build([([cut_frame("too deep"), Frame("main")], Thread(), 1)])
    assert only(profile, "all") is profile


def test_a_mark_reads_as_its_outcome_and_nothing_else_does() -> None:
    assert cut_frame("file not parsed yet") == Frame("[cut: file not parsed yet]", FrameKind.PLACEHOLDER)
    assert cut_outcome(cut_frame("x")) == "x"
    assert cut_outcome(Frame("[cut: x]")) is None  # a function of this name
    assert cut_outcome(Frame("[unknown]", FrameKind.PLACEHOLDER)) is None


def test_a_mark_further_in_is_not_a_cut_stack() -> None:
    profile = build([([Frame("main"), cut_frame("too deep")], Thread(), 1)])
    assert only(profile, "whole").total == 1


def test_no_stack_that_is_whole_is_called_cut() -> None:
    assert "file not parsed yet" not in WHOLE_OUTCOMES
    assert "frame pointers" not in WHOLE_OUTCOMES  # nobody can tell


def test_a_state_stands_outside_of_what_was_cut() -> None:
    stacks = [[cut_frame("too deep"), Frame("inner")], [Frame("main")], [Frame("main"), Frame("inner")]]
    asleep, running = state_frame("sleep"), state_frame("on CPU")
    rows = [([state, *stack], Thread(), 1) for state in (asleep, running) for stack in stacks]
    profile = build(rows)
    assert (only(profile, "cut").total, only(profile, "whole").total) == (2, 4)
    assert is_state(asleep)
    assert not is_state(cut_frame("too deep"))
