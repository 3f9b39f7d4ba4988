"""A compiled program, stripped, with its debug file beside it, and a profile of it as an agent would send it."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from profiler.core.builder import ProfileBuilder
from profiler.core.frame import Frame, FrameKind, Thread
from profiler.core.profile import Profile
from profiler.core.quality import ModuleFacts, Quality
from profiler.debuginfo.image import read_elf_file
from tests.agent_double import cpu_profile

SOURCE = Path(__file__).parent / "workloads" / "inlined.c"
MODULE = "inlined"
CFLAGS = ("-g", "-O2", "-Wl,--build-id")


@dataclass(frozen=True)
class StrippedProgram:
    """`whole` has everything, `stripped` is what runs, `debug` what objcopy keeps, `symbols` a file without DWARF."""

    directory: Path

    @classmethod
    def build(cls, directory: Path, *flags: str) -> "StrippedProgram":
        made = cls(directory)
        directory.mkdir(parents=True, exist_ok=True)
        subprocess.run(["gcc", *CFLAGS, *flags, "-o", made.whole, SOURCE], check=True)
        subprocess.run(["strip", "-o", made.stripped, made.whole], check=True)
        subprocess.run(["objcopy", "--only-keep-debug", made.whole, made.debug], check=True)
        subprocess.run(["objcopy", "--strip-debug", made.whole, made.symbols], check=True)
        return made

    @property
    def whole(self) -> Path:
        return self.directory / "whole"

    @property
    def stripped(self) -> Path:
        return self.directory / MODULE

    @property
    def debug(self) -> Path:
        return self.directory / f"{MODULE}.debug"

    @property
    def symbols(self) -> Path:
        return self.directory / "symbols"

    @property
    def build_id(self) -> str:
        return read_elf_file(self.whole).build_id

    def code_of(self, function: str) -> range:
        """The addresses of a function, by the symbol table as nm reads it."""
        listing = subprocess.run(["nm", "-S", self.whole], check=True, capture_output=True, text=True).stdout
        start, size = next(line.split()[:2] for line in listing.splitlines() if line.split()[-1] == function)
        return range(int(start, 16), int(start, 16) + int(size, 16))

    def frame(self, offset: int) -> Frame:
        return Frame(f"{MODULE}+{offset:#x}", FrameKind.NATIVE, MODULE, self.build_id, offset)

    def profile(self, *, module: str = MODULE) -> Profile:
        """One sample at each address of spin(), called by the end of main(), as it was recorded without names."""
        builder = ProfileBuilder(cpu_profile("web-1").meta)
        thread = builder.thread(Thread(7, 7, "inlined"))
        main = builder.frame(self.frame(self.code_of("main")[-1])._replace(module=module))
        code = self.code_of("spin")
        for offset in code:
            builder.add(builder.stack([main, builder.frame(self.frame(offset)._replace(module=module))]), 1, thread)
        facts = (ModuleFacts(module, self.build_id),)
        return builder.build(Quality(samples=len(code), unknown={module: len(code)}, modules=facts))


def function_names(profile: Profile) -> set[str]:
    return {frame.name for frame in profile.frames}
