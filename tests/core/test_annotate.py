"""The marks of BCC's profile."""

from hypothesis import given

from profiler.core.annotate import annotate
from profiler.core.builder import ProfileBuilder
from profiler.core.frame import Frame, FrameKind, Thread
from profiler.core.profile import Profile, ProfileMeta
from tests.core.strategies import PROFILES

MAIN, READ = Frame("main"), Frame("read", FrameKind.NATIVE, "libc")
SYSCALL, COPY = Frame("do_syscall_64", FrameKind.KERNEL), Frame("copy", FrameKind.KERNEL)


def profile(*stacks: list[Frame]) -> Profile:
    builder = ProfileBuilder(ProfileMeta())
    for value, stack in enumerate(stacks, 1):
        builder.add(builder.stack(builder.frame(frame) for frame in stack), value, builder.thread(Thread(1, 1, "sh")))
    return builder.build()


def names(profile: Profile) -> list[str]:
    return [";".join(profile.frames[f].name for f in profile.stacks.path(n)) for n in profile.node.tolist()]


def test_the_delimiter_stands_where_the_kernel_is_entered() -> None:
    marked = annotate(profile([MAIN, READ, SYSCALL, COPY]), delimiter=True, annotations=False)
    assert names(marked) == ["main;read;--;do_syscall_64;copy"]
    assert marked.frames[[frame.name for frame in marked.frames].index("--")].kind is FrameKind.PLACEHOLDER


def test_a_stack_of_one_side_has_no_delimiter() -> None:
    marked = annotate(profile([SYSCALL, COPY], [MAIN, READ]), delimiter=True, annotations=False)
    assert names(marked) == ["do_syscall_64;copy", "main;read"]


def test_kernel_frames_get_their_suffix_and_keep_their_kind() -> None:
    marked = annotate(profile([MAIN, SYSCALL]), delimiter=False, annotations=True)
    assert names(marked) == ["main;do_syscall_64_[k]"]
    assert {frame.kind for frame in marked.frames} == {FrameKind.NATIVE, FrameKind.KERNEL}


def test_both_marks_go_together() -> None:
    marked = annotate(profile([MAIN, SYSCALL]), delimiter=True, annotations=True)
    assert names(marked) == ["main;--;do_syscall_64_[k]"]


@given(PROFILES)
def test_no_sample_changes_and_marking_twice_is_marking_once(plain: Profile) -> None:
    marked = annotate(plain, delimiter=True, annotations=True)
    assert marked.total == plain.total
    assert marked.quality == plain.quality
    assert marked.threads == plain.threads
    again = annotate(marked, delimiter=True, annotations=True)
    assert sorted(names(again)) == sorted(names(marked))
    assert annotate(plain, delimiter=False, annotations=False) is plain
