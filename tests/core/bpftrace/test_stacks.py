"""Keys of bpftrace's maps → stacks, root first, with names that have commas in them."""

import json
from pathlib import Path

from profiler.core.bpftrace.stacks import holds_stack, kinds_of, profile_of, split_key
from profiler.core.frame import Frame, FrameKind
from profiler.core.profile import Profile, ProfileMeta

GOLDEN = Path(__file__).parents[2] / "golden" / "bpftrace" / "stacks.json"
PROGRAM = "t:x:y { @both[kstack, ustack, comm] = count(); @k[kstack, comm] = count(); @perf[ustack(perf)] = count(); }"
META = ProfileMeta(kind="bpftrace", unit="count")


def golden(name: str) -> Profile:
    lines = [json.loads(line) for line in GOLDEN.read_text().splitlines() if line]
    rows = next(line["data"][name] for line in lines if name in line["data"])
    return profile_of(rows.items(), META, kinds_of(PROGRAM, name))


def stacks(profile: Profile) -> list[list[Frame]]:
    return [[profile.frames[frame] for frame in profile.stacks.path(node)] for node in profile.node.tolist()]


def test_user_frames_are_below_kernel_frames() -> None:
    profile = golden("@both")
    (stack,) = stacks(profile)
    assert [frame.kind for frame in stack] == [FrameKind.NATIVE] * 3 + [FrameKind.KERNEL] * 4
    assert (stack[3].name, stack[-1].name) == ("entry_SYSCALL_64_after_hwframe", "perf_syscall_enter")
    assert (profile.total, profile.threads[0].comm) == (13, "load2")


def test_frames_as_perf_writes_them_have_their_names() -> None:
    (stack,) = stacks(golden("@perf"))
    assert [frame.name for frame in stack] == ["0x7f254248b24a", "0x401196", "0x7f2542565829"]
    key = "\n\t7fea4d126ef3 epoll_wait+19 (/usr/lib/x86_64-linux-gnu/libc.so.6)\n"
    (frame,) = profile_of([(key, 1)], META).frames
    assert frame == Frame("epoll_wait", FrameKind.NATIVE, "libc.so.6")


def test_names_with_commas_stay_whole() -> None:
    key = "\n    std::map<int, std::pair<int, int>>::find(int, int)+12\n    main+20\n,web,7"
    assert split_key(key) == ([["std::map<int, std::pair<int, int>>::find(int, int)+12", "main+20"]], "web,7")
    assert [frame.name for frame in stacks(profile_of([(key, 3)], META))[0]] == [
        "main",
        "std::map<int, std::pair<int, int>>::find(int, int)",
    ]


def test_a_key_without_a_stack_is_none() -> None:
    assert not holds_stack("comm,5")
    assert holds_stack("comm,\n    main+1\n")
    profile = profile_of([(",,rcu_preempt", 5), ("\n    main+1\n", 2), ("\n    gone+1\n", 0), ("text", "x")], META)
    assert [(stack[0].name) for stack in stacks(profile)] == ["[no stack]", "main"]
    assert profile.total == 7


def test_kinds_are_known_only_from_the_programs_text() -> None:
    assert kinds_of(PROGRAM, "@k") == [FrameKind.KERNEL]
    assert kinds_of("@x = count()", "@x") == []
