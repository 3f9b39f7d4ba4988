"""The C source of a program and the macros that make variants of it."""

from dataclasses import dataclass, field, replace
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2]
BPF_DIRECTORY = PACKAGE / "bpf"

CPU_SAMPLE = "bpf/cpu_sample.c"
TARGET_HEADERS = ("bpf/targets.h",)
STACK_HEADERS = ("bpf/stack_walk.h",)
# The switch that walks user stacks by unwind tables, and the headers that are only right with it.
WALK_BY_TABLES = "WALK_EH"
_TABLES = ("forks.h", "unwind_tables.h", "unwind_vma.h", "walk_eh.h", "python_function.h", "walk_python.h")
MAP_HEADERS = tuple(f"bpf/{name}" for name in _TABLES)


@dataclass(frozen=True)
class ProgramOptions:
    """Macros for the C source: `switches` are defined, `sizes` are defined to a number.

    `files` are paths below the package: the main file, and before it the headers that define maps.
    """

    switches: frozenset[str] = frozenset()
    sizes: dict[str, int] = field(default_factory=dict)
    files: tuple[str, ...] = (*TARGET_HEADERS, *STACK_HEADERS, CPU_SAMPLE)

    def with_tables(self, switches: set[str], sizes: dict[str, int]) -> "ProgramOptions":
        """The same with the walk by unwind tables of these sizes."""
        return replace(
            self,
            switches=self.switches | {WALK_BY_TABLES} | switches,
            sizes=self.sizes | sizes,
            files=(*TARGET_HEADERS, *MAP_HEADERS, *self.files[len(TARGET_HEADERS) :]),
        )

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
    return "\n".join(f'#line 1 "{name}"\n{(PACKAGE / name).read_text()}' for name in options.files)


def source_files(options: ProgramOptions) -> list[Path]:
    """Everything that compiling may read, in one order: headers may include each other."""
    headers = set(BPF_DIRECTORY.rglob("*.h"))
    return sorted(headers | {PACKAGE / name for name in options.files})
