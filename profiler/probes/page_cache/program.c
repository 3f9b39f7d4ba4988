/*
 * Pages read from files, and pages brought into the cache for it. One read asks several times for what is left of its
 * range, and for more than the file has: what it got is known at its end. Pages that come in between reads belong to
 * none: a program's own that was mapped, or those that are written. Large folios are many pages in one event.
 */

#define PAGE_BITS 12
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

TRACEPOINT_PROBE(filemap, mm_filemap_get_pages)
{
    struct reading *reading = reading_of_thread();
    if (!reading)
        return 0;
    if (args->index < reading->from)
        reading->from = args->index;
    if (args->last_index > reading->to)
        reading->to = args->last_index;
    return 0;
}

TRACEPOINT_PROBE(filemap, mm_filemap_add_to_page_cache)
{
    struct reading *reading = reading_of_thread();
    if (reading)
        reading->added += 1ULL << args->order;
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
