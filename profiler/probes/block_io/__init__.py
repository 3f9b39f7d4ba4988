"""Bytes that are asked of block devices."""

from profiler.core.probe import Emits, Probe

PROBE = Probe(
    name="block_io",
    title="Block IO",
    about="Which code asks disks for how many bytes, where the request is made: reads and direct writes at the program,"
    " cached writes at whoever writes them back, mostly the kernel.",
    emits=Emits.STACKS,
    needs=("block:block_bio_queue",),
    cost_ns=2_600,
    unit="bytes",
    arguments=("block_bio_queue(bio*)",),
    offsets=("bio.bi_opf", "bio.bi_iter.bi_size"),
    states=("read", "write", "discard", "flush", "other"),
)
