"""The C source of the sampling program and the macros that make variants of it."""

from dataclasses import dataclass, field
from pathlib import Path

BPF_DIRECTORY = Path(__file__).resolve().parents[2] / "bpf"

TARGET_HEADERS = ("targets.h",)
# The switch that walks user stacks by unwind tables, and the headers that are only right with it.
WALK_BY_TABLES = "WALK_EH"
MAP_HEADERS = ("forks.h", "unwind_tables.h", "unwind_vma.h", "walk_eh.h", "python_function.h", "walk_python.h")


@dataclass(frozen=True)
class ProgramOptions:
    """Macros for the C source: `switches` are defined, `sizes` are defined to a number."""

    switches: frozenset[str] = frozenset()
    sizes: dict[str, int] = field(default_factory=dict)

    def with_tables(self, switches: set[str], sizes: dict[str, int]) -> "ProgramOptions":
        """The same with the walk by unwind tables of these sizes."""
        return ProgramOptions(self.switches | {WALK_BY_TABLES} | switches, self.sizes | sizes)

    def macros(self) -> list[str]:
        """Compiler flags, the same for equal options."""
        return [
            *(f"-D{name}" for name in sorted(self.switches)),
            *(f"-D{name}={value}" for name, value in sorted(self.sizes.items())),
        ]

    def cflags(self) -> list[str]:
        return [f"-I{BPF_DIRECTORY}", *self.macros()]


def program_source(options: ProgramOptions) -> str:
    """BCC translates map operations only in the main file: headers with maps are put before it, not included by it."""
    tables = MAP_HEADERS if WALK_BY_TABLES in options.switches else ()
    names = (*TARGET_HEADERS, *tables, "cpu_sample.c")
    return "\n".join(f'#line 1 "{name}"\n{(BPF_DIRECTORY / name).read_text()}' for name in names)


def source_files() -> list[Path]:
    """Everything that compiling may read, in one order."""
    return sorted(path for path in BPF_DIRECTORY.rglob("*") if path.suffix in (".c", ".h"))
