"""Stacks as text: one name for each frame, equal texts added up, in sorted order."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence

from profiler.core.frame import Thread
from profiler.core.profile import Profile


class _Node:
    __slots__ = ("children", "value")

    def __init__(self) -> None:
        self.children: dict[str, _Node] = {}
        self.value = 0


def labelled_stacks(
    profile: Profile, head: Callable[[Thread], str], labels: Callable[[str], Sequence[str]]
) -> Iterator[tuple[str, int]]:
    """Each distinct `head;name;…;name` with its value, sorted name by name from the root.

    `head` names the first frame of a thread's stacks ("" for none), `labels` the frames below a head ("" leaves a
    frame out). Frames that differ but are called the same are one here.
    """
    top = _Node()
    parent, frame = profile.stacks.parent.tolist(), profile.stacks.frame.tolist()
    for text, values in _values_by_head(profile, head).items():
        start = _child(top, text)
        names = labels(text)
        memo = {-1: start}
        for node, value in values.items():
            chain, above = [], node
            while above not in memo:
                chain.append(above)
                above = parent[above]
            at = memo[above]
            for below in reversed(chain):
                at = memo[below] = _child(at, names[frame[below]])
            at.value += value
    return _walk(top)


def _values_by_head(profile: Profile, head: Callable[[Thread], str]) -> Mapping[str, dict[int, int]]:
    heads = [head(thread) for thread in profile.threads]
    values: dict[str, dict[int, int]] = defaultdict(dict)
    rows = zip(profile.node.tolist(), profile.thread.tolist(), profile.value.tolist(), strict=True)
    for node, thread, value in rows:
        of_head = values[heads[thread]]
        of_head[node] = of_head.get(node, 0) + value
    return values


def _child(node: _Node, name: str) -> _Node:
    if not name:
        return node
    below = node.children.get(name)
    if below is None:
        below = node.children[name] = _Node()
    return below


def _walk(top: _Node) -> Iterator[tuple[str, int]]:
    """Depth first without recursion: stacks are deeper than Python's."""
    path: list[str] = []
    pending = [iter(sorted(top.children.items()))]
    if top.value:
        yield "", top.value
    while pending:
        name, node = next(pending[-1], ("", None))
        if node is None:
            pending.pop()
            if path:
                path.pop()
            continue
        path.append(name)
        if node.value:
            yield ";".join(path), node.value
        pending.append(iter(sorted(node.children.items())))
