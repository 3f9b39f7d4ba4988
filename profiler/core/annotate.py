"""The marks that BCC's `profile` puts into stacks: a delimiter above the kernel's frames, a suffix on each of them."""

from profiler.core.builder import ROOT, ProfileBuilder
from profiler.core.frame import Frame, FrameKind
from profiler.core.profile import Profile

DELIMITER = Frame("--", FrameKind.PLACEHOLDER)
KERNEL_SUFFIX = "_[k]"


def annotate(profile: Profile, *, delimiter: bool, annotations: bool) -> Profile:
    """The same samples with marked stacks. Marking twice is marking once.

    delimiter: a frame `--` between user and kernel frames of a stack that has both, as BCC's `-d`.
    annotations: `_[k]` behind the name of every kernel frame, as BCC's `-a`.
    """
    if not delimiter and not annotations:
        return profile
    builder = ProfileBuilder(profile.meta)
    frames = [builder.frame(_annotated(frame) if annotations else frame) for frame in profile.frames]
    enters = [delimiter and _enters_kernel(profile, node) for node in range(len(profile.stacks))]
    nodes: list[int] = []
    for node, (parent, frame) in enumerate(
        zip(profile.stacks.parent.tolist(), profile.stacks.frame.tolist(), strict=True)
    ):
        above = ROOT if parent < 0 else nodes[parent]
        if enters[node]:
            above = builder.child(above, builder.frame(DELIMITER))
        nodes.append(builder.child(above, frames[frame]))
    threads = [builder.thread(thread) for thread in profile.threads]
    builder.add_samples(profile, nodes, threads)
    builder.label_cgroups(profile.cgroups)
    builder.label_processes(profile.processes)
    return builder.build(profile.quality)


def _annotated(frame: Frame) -> Frame:
    if frame.kind is not FrameKind.KERNEL or frame.name.endswith(KERNEL_SUFFIX):
        return frame
    return frame._replace(name=frame.name + KERNEL_SUFFIX)


def _enters_kernel(profile: Profile, node: int) -> bool:
    """Whether the node is the first kernel frame below something that isn't the kernel's."""
    parent = int(profile.stacks.parent[node])
    if parent < 0 or profile.frames[profile.stacks.frame[node]].kind is not FrameKind.KERNEL:
        return False
    caller = profile.frames[profile.stacks.frame[parent]]
    return caller.kind is not FrameKind.KERNEL and caller != DELIMITER
