"""docs/probes.md, made of what the probes say of themselves: `python -m profiler.probes.document > docs/probes.md`."""

from collections.abc import Callable, Iterable, Iterator

from profiler.core.probe import MAX_NAMED_CHOICES, Choice, Emits, Flag, Number, Parameter, Probe, Text
from profiler.probes.kernels import by_kernel
from profiler.probes.stacks import every_probe

_TITLES = {
    Emits.STACKS: "Stacks",
    Emits.HISTOGRAM: "Histograms",
    Emits.EVENTS: "Live feeds",
    Emits.COUNTERS: "Counters",
}
_HEAD = """# Probes

Made by `python -m profiler.probes.document > docs/probes.md` from the declarations; a test tells when it is stale.
The costs were measured: [overhead](overhead.md). A new one: [add a probe](add-a-probe.md).
"""


def markdown() -> str:
    lines = [_HEAD]
    for emits, title in _TITLES.items():
        found = [probe for probe in every_probe() if probe.emits is emits]
        if found:
            lines.append(f"## {title}\n")
            lines += (line for probe in found for line in _section(probe))
    return "\n".join(lines).rstrip() + "\n"


def _section(probe: Probe) -> Iterator[str]:
    yield f"### {probe.title} (`{probe.name}`)\n"
    yield f"{probe.about}\n"
    if probe.unit:
        yield f"- Values: {probe.unit}."
    needs = "; ".join(_need(words, names) for words, names in by_kernel(probe.needs).items())
    yield f"- Needs: {needs or 'nothing but BPF'}{'; BTF' if probe.needs_btf else ''}."
    if probe.hooks:
        ways = "; ".join(f"*{hook.name}*, {hook.about}" for hook in probe.hooks)
        yield f"- Seen by the first of these that a kernel allows: {ways}."
    yield f"- Cost: {f'{probe.cost_ns:,} ns of CPU time for each event' if probe.cost_ns else 'not measurable'}."
    if probe.histogram:
        yield f"- Stacks of examples: {probe.histogram.stack or f'none. {probe.histogram.no_stack}'}"
    if probe.parameters:
        yield "\n| parameter | what it does | values |\n|---|---|---|"
        yield from (
            f"| `{one.name}` | {one.title}. {one.about} | {bounds_words(one, '{:,}'.format)} |"
            for one in probe.parameters
        )
    if probe.fields:
        yield "\n| column | | |\n|---|---|---|"
        yield from (f"| `{one.name}` | {one.title} | {one.about or one.shows.value} |" for one in probe.fields)
    yield ""


def _need(kernel: str, tracepoints: Iterable[str]) -> str:
    names = ", ".join(f"`{name}`" for name in tracepoints)
    return f"{names} ({kernel})" if kernel else names


def choice_words(parameter: Choice) -> str:
    """All its words, or how many and one of them."""
    words = [word for word in parameter.choices if word]
    return ", ".join(words) if len(words) <= MAX_NAMED_CHOICES else f"one of {len(words)}, such as {words[0]}"


def bounds_words(parameter: Parameter, number: Callable[[int], str]) -> str:
    """What a parameter may be: "0 to 4,194,304 µs, else 0". `number` writes one."""
    if isinstance(parameter, Flag):
        return f"yes or no, else {'yes' if parameter.default else 'no'}"
    if isinstance(parameter, Number):
        most = f"{number(parameter.most)} {parameter.unit}".rstrip()
        return f"{number(parameter.least)} to {most}, else {number(parameter.default)}"
    if isinstance(parameter, Choice):
        return f"{choice_words(parameter)}, else {parameter.default or 'any'}"
    if isinstance(parameter, Text):
        return f"{parameter.expects}; else {parameter.default or 'none'}"
    return f"text, else {parameter.default or 'empty'}"


if __name__ == "__main__":
    print(markdown(), end="")  # noqa: T201 it is what the command is for
