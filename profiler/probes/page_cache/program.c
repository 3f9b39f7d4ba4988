/*
 * Pages read from files, and pages brought into the cache for it. One read asks several times for what is left of its
 * range, and for more than the file has: what it got is known at its end. Pages that come in between reads belong to
 * none: a program's own that was mapped, or those that are written. Large folios are many pages in one event.
 */

#include "arguments.h"
#include "read_kernel.h"

#define PAGE_BITS 12
/* include/linux/mm.h: a folio of several pages keeps the binary logarithm of their number in the lowest byte of _flags_1. */
#define FOLIO_ORDER 0xff
#define NOTHING (~0ULL)

struct reading {
    u64 from; /* pages of the file, NOTHING: none was asked for */
    u64 to;
    u64 added;
};
BPF_TABLE("lru_hash", u64, struct reading, readings, 10240);

static __always_inline struct reading *reading_of_thread(void)
{
    u64 thread = bpf_get_current_pid_tgid();
    struct reading *found = readings.lookup(&thread);
    if (found || !wanted())
        return found;
    struct reading none = {.from = NOTHING};
    readings.update(&thread, &none);
    return readings.lookup(&thread);
}

static __always_inline int reading_begins(void)
{
    u64 thread = bpf_get_current_pid_tgid();
    if (readings.lookup(&thread))
        readings.delete(&thread);
    return 0;
}

RAW_TRACEPOINT_PROBE(mm_filemap_get_pages)
{
    struct reading *reading = reading_of_thread();
    if (!reading)
        return 0;
    u64 from = ARGUMENT(mm_filemap_get_pages, 1), to = ARGUMENT(mm_filemap_get_pages, 2);
    if (from < reading->from)
        reading->from = from;
    if (to > reading->to)
        reading->to = to;
    return 0;
}

static __always_inline u32 order_of(u64 folio)
{
    u64 flags = pointer_at(folio + OFF_FOLIO_FLAGS);
    return flags >> ENUM_PG_head & 1 ? pointer_at(folio + OFF_FOLIO__FLAGS_1) & FOLIO_ORDER : 0;
}

RAW_TRACEPOINT_PROBE(mm_filemap_add_to_page_cache)
{
    struct reading *reading = reading_of_thread();
    if (reading)
        reading->added += 1ULL << order_of(ARGUMENT(mm_filemap_add_to_page_cache, 0));
    return 0;
}

/* `bytes`: what a call returned. Of a read that begins within a page one page less may be counted. */
static __always_inline int reading_ends(s64 bytes)
{
    u64 thread = bpf_get_current_pid_tgid();
    struct reading *found = readings.lookup(&thread);
    if (!found)
        return 0;
    struct reading reading = *found;
    readings.delete(&thread);
    if (bytes <= 0 || reading.from == NOTHING)
        return 0;
    u64 pages = (bytes + (1 << PAGE_BITS) - 1) >> PAGE_BITS;
    u64 asked = reading.to - reading.from + 1;
    count_for_process(0, pages < asked ? pages : asked);
    if (reading.added)
        count_for_process(1, reading.added);
    return 0;
}

TRACEPOINT_PROBE(syscalls, sys_enter_read)
{
    return reading_begins();
}

TRACEPOINT_PROBE(syscalls, sys_exit_read)
{
    return reading_ends(args->ret);
}

TRACEPOINT_PROBE(syscalls, sys_enter_pread64)
{
    return reading_begins();
}

TRACEPOINT_PROBE(syscalls, sys_exit_pread64)
{
    return reading_ends(args->ret);
}

TRACEPOINT_PROBE(syscalls, sys_enter_readv)
{
    return reading_begins();
}

TRACEPOINT_PROBE(syscalls, sys_exit_readv)
{
    return reading_ends(args->ret);
}

TRACEPOINT_PROBE(syscalls, sys_enter_preadv)
{
    return reading_begins();
}

TRACEPOINT_PROBE(syscalls, sys_exit_preadv)
{
    return reading_ends(args->ret);
}

TRACEPOINT_PROBE(syscalls, sys_enter_sendfile64)
{
    return reading_begins();
}

TRACEPOINT_PROBE(syscalls, sys_exit_sendfile64)
{
    return reading_ends(args->ret);
}

TRACEPOINT_PROBE(syscalls, sys_enter_splice)
{
    return reading_begins();
}

TRACEPOINT_PROBE(syscalls, sys_exit_splice)
{
    return reading_ends(args->ret);
}
