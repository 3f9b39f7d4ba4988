"""From a mapped file to the section its rows are made from."""

from profiler.agent.unwind.elf import read_image
from profiler.agent.unwind.file_memory import KnownFile
from profiler.agent.unwind.mappings import Mapping, open_backing
from profiler.agent.unwind.rows_cache import section_key


def read_known_file(pid: int, mapping: Mapping) -> KnownFile:
    """What is remembered of a file. Raises ElfError when it is none that we unwind, OSError when it is gone."""
    backing = open_backing(pid, mapping)
    try:
        image = read_image(backing.read_at)
        return KnownFile(image.segments, section_key(image.eh_frame, backing.read_at) if image.eh_frame else None)
    finally:
        backing.close()
