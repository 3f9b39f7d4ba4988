"""A recording's losses apart by service: each gets its own, and together they are the recording's."""

from hypothesis import given
from hypothesis import strategies as st

from profiler.core.builder import ProfileBuilder
from profiler.core.cut import cut_frame
from profiler.core.frame import Frame, Thread
from profiler.core.profile import Profile, ProfileMeta
from profiler.core.quality import Quality
from profiler.core.service_quality import WHOLE, apart, share_out
from profiler.core.services import by_service


@given(st.integers(0, 10**9), st.lists(st.integers(0, 10**6), min_size=1, max_size=20))
def test_shares_are_in_proportion_and_add_up(count: int, weights: list[int]) -> None:
    shares = share_out(count, weights)
    assert sum(shares) == count
    total = sum(weights)
    if total:
        for share, weight in zip(shares, weights, strict=True):
            assert abs(share - count * weight / total) < 1 + count * 1e-12


def recording() -> Profile:
    """Two programs: `a` with cut stacks, `b` with an address of its own module."""
    builder = ProfileBuilder(ProfileMeta())
    main, address = builder.frame(Frame("main")), builder.frame(Frame("libb.so+0x10", module="libb.so", offset=16))
    cut = builder.frame(cut_frame("no memory"))
    a, b = builder.thread(Thread(1, 1, "a")), builder.thread(Thread(2, 2, "b"))
    builder.add(builder.stack([main]), 60, a)
    builder.add(builder.stack([cut, main]), 20, a)
    builder.add(builder.stack([main, address]), 20, b)
    quality = Quality(
        samples=110,
        lost={"map full": 10},
        outcomes={"end": 70, "kernel only": 10, "no memory": 20},
        unknown={"libb.so": 20},
    )
    return builder.build(quality)


def test_each_service_has_what_its_stacks_show() -> None:
    profile = recording()
    found = apart(profile.quality, by_service(profile))
    assert found["a"] == Quality(88, {"map full": 8}, {WHOLE: 60, "no memory": 20})
    assert found["b"] == Quality(22, {"map full": 2}, {WHOLE: 20}, {"libb.so": 20})


def test_services_together_are_the_recording() -> None:
    profile = recording()
    total = sum(apart(profile.quality, by_service(profile)).values(), Quality())
    assert (total.samples, total.lost, total.unknown) == (110, {"map full": 10}, {"libb.so": 20})
    assert total.outcomes == {WHOLE: 80, "no memory": 20}
