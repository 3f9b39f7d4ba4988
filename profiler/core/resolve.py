"""Names for frames that were recorded without: the same samples, with functions in the place of addresses."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from profiler.core.builder import ROOT
from profiler.core.frame import Frame
from profiler.core.profile import Int32s, Profile, Stacks
from profiler.core.quality import ModuleFacts
from profiler.core.stack_union import joined

# Several times what a busy host has; a hostile profile may not make an index that is larger than itself.
MAX_UNRESOLVED_MODULES = 512

Lookup = Callable[[str, int], Sequence[Frame]]
"""`lookup(build_id, offset)`: the functions at an address, the outermost first, inlined ones after; empty: unknown."""
Chain = tuple[Frame, ...]


@dataclass(frozen=True)
class UnresolvedModule:
    """A file whose functions lack names in a profile. `value`: of the stacks in which one of them occurs."""

    build_id: str
    module: str
    value: int


def is_unresolved(frame: Frame) -> bool:
    """Whether the frame is an address that a debug file of its build id could name."""
    return bool(frame.build_id and frame.offset)


def unresolved_modules(profile: Profile) -> list[UnresolvedModule]:
    """The files that lack names, most value first. Those after MAX_UNRESOLVED_MODULES are left out."""
    modules: dict[str, str] = {}
    for frame in profile.frames:
        if is_unresolved(frame) and (len(modules) < MAX_UNRESOLVED_MODULES or frame.build_id in modules):
            modules.setdefault(frame.build_id, frame.module)
    values = _values_below(profile, list(modules)) if modules else {}
    found = [UnresolvedModule(build_id, module, values[build_id]) for build_id, module in modules.items()]
    return sorted(found, key=lambda each: (-each.value, each.module, each.build_id))


def resolve(profile: Profile, lookup: Lookup) -> Profile:
    """The profile with every frame named that `lookup` knows; the others stay. Doing it twice is doing it once.

    Samples keep their order, threads and values. Addresses of one function become one frame, so several stacks may
    become one. What has a name now is no longer in `quality.unknown` and `quality.modules`.
    """
    return rename(profile, lambda frame: _chain(frame, lookup), is_unresolved)


def rename(profile: Profile, chain_of: Callable[[Frame], Chain], unknown: Callable[[Frame], bool]) -> Profile:
    """The profile with `chain_of(frame)`, the outermost first and never empty, in the place of every frame.

    unknown: whether a frame without a name was counted in `quality.unknown`; what got one is not any more.
    """
    chains = [chain_of(frame) for frame in profile.frames]
    if all(chain[0] is frame for chain, frame in zip(chains, profile.frames, strict=True)):
        return profile
    frames: dict[Frame, int] = {}
    numbers = [frames.setdefault(frame, len(frames)) for chain in chains for frame in chain]
    stacks, renamed = _renamed(profile.stacks, list(map(len, chains)), numbers)
    quality = replace(
        profile.quality,
        unknown=_still_unknown(profile, chains, unknown),
        modules=_still_unnamed(profile, tuple(frames), unknown),
    )
    return replace(profile, frames=tuple(frames), stacks=stacks, node=renamed[profile.node], quality=quality).check()


def _chain(frame: Frame, lookup: Lookup) -> Chain:
    found = tuple(lookup(frame.build_id, frame.offset)) if is_unresolved(frame) else ()
    return found or (frame,)


def _renamed(stacks: Stacks, chain_lengths: Sequence[int], numbers: Sequence[int]) -> tuple[Stacks, Int32s]:
    """The trie with the next so many `numbers` for every frame, and the new node of each old one."""
    lengths, flat = np.array(chain_lengths, dtype=np.int64), np.array(numbers, dtype=np.int32)
    begins = np.cumsum(lengths) - lengths
    # Each node becomes as many as its chain has frames, the outermost first; the last one stands for it.
    length = lengths[stacks.frame]
    last = np.cumsum(length) - 1
    first = last - length + 1
    parent = np.arange(-1, length.sum() - 1)
    parent[first] = np.where(stacks.parent < 0, ROOT, last[stacks.parent]) if len(stacks) else first
    frame = flat[np.repeat(begins[stacks.frame] - first, length) + np.arange(length.sum())]
    renamed, node = joined(parent, frame)
    return renamed, node[last]


def _still_unknown(
    profile: Profile, chains: Sequence[Chain], was_unknown: Callable[[Frame], bool]
) -> Mapping[str, int]:
    """`quality.unknown` without the samples whose innermost frame has a name now."""
    values = np.zeros(len(profile.frames), dtype=np.int64)
    np.add.at(values, profile.stacks.frame[profile.node], profile.value)
    unknown = dict(profile.quality.unknown)
    for frame, chain, value in zip(profile.frames, chains, values.tolist(), strict=True):
        if was_unknown(frame) and not was_unknown(chain[-1]) and frame.module in unknown:
            unknown[frame.module] = max(0, unknown[frame.module] - value)
    return {module: count for module, count in unknown.items() if count}


def _still_unnamed(
    profile: Profile, frames: Sequence[Frame], unknown: Callable[[Frame], bool]
) -> tuple[ModuleFacts, ...]:
    """`quality.modules` without the builds whose every address has a name now."""
    before, after = ({frame.build_id for frame in some if unknown(frame)} for some in (profile.frames, frames))
    return tuple(facts for facts in profile.quality.modules if facts.build_id not in before - after)


def _values_below(profile: Profile, build_ids: Sequence[str]) -> dict[str, int]:
    """Per build id the value of the stacks in which it occurs unresolved, each stack counted once."""
    bits = {build_id: 1 << position for position, build_id in enumerate(build_ids)}
    of_frame = [bits.get(frame.build_id, 0) if is_unresolved(frame) else 0 for frame in profile.frames]
    # Which files occur in a stack is one integer; a set of names per stack would be hundreds of bytes.
    masks: list[int] = []
    known: dict[int, int] = {}
    for parent, frame in zip(profile.stacks.parent.tolist(), profile.stacks.frame.tolist(), strict=True):
        mask = (masks[parent] if parent >= 0 else 0) | of_frame[frame]
        masks.append(known.setdefault(mask, mask))
    of_mask: dict[int, int] = {}
    for node, value in zip(profile.node.tolist(), profile.value.tolist(), strict=True):
        of_mask[masks[node]] = of_mask.get(masks[node], 0) + value
    return {name: sum(value for mask, value in of_mask.items() if mask & bit) for name, bit in bits.items()}
