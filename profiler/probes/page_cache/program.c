/*
 * Pages read from files, and pages brought into the cache for it. One read asks several times for what is left of its
 * range, and for more than the file has: what it got is known at its end. Large folios are many pages in one event.
 */

#define PAGE_BITS 12

struct asked {
    u64 from; /* pages of the file */
    u64 to;
};
BPF_TABLE("lru_hash", u64, struct asked, asked_by_thread, 10240);
BPF_TABLE("lru_hash", u64, u8, writers, 10240);

TRACEPOINT_PROBE(filemap, mm_filemap_get_pages)
{
    u64 thread = bpf_get_current_pid_tgid();
    struct asked now = {.from = args->index, .to = args->last_index};
    struct asked *before = asked_by_thread.lookup(&thread);
    if (!before) {
        if (wanted())
            asked_by_thread.update(&thread, &now);
        return 0;
    }
    if (now.from < before->from)
        before->from = now.from;
    if (now.to > before->to)
        before->to = now.to;
    return 0;
}

/* `bytes`: what a call returned. Of a read that begins within a page one page less may be counted. */
static __always_inline int reading_ends(s64 bytes)
{
    u64 thread = bpf_get_current_pid_tgid();
    struct asked *asked = asked_by_thread.lookup(&thread);
    if (!asked)
        return 0;
    u64 most = asked->to - asked->from + 1;
    asked_by_thread.delete(&thread);
    if (bytes <= 0)
        return 0;
    u64 pages = (bytes + (1 << PAGE_BITS) - 1) >> PAGE_BITS;
    count_for_process(0, pages < most ? pages : most);
    return 0;
}

TRACEPOINT_PROBE(filemap, mm_filemap_add_to_page_cache)
{
    u64 thread = bpf_get_current_pid_tgid();
    if (!writers.lookup(&thread))
        count_for_process(1, 1ULL << args->order);
    return 0;
}

/* Writing makes pages, and nobody missed them. */
static __always_inline int writing(bool begins)
{
    u64 thread = bpf_get_current_pid_tgid();
    u8 yes = 1;
    if (begins)
        writers.update(&thread, &yes);
    else
        writers.delete(&thread);
    return 0;
}

TRACEPOINT_PROBE(syscalls, sys_exit_read)
{
    return reading_ends(args->ret);
}

TRACEPOINT_PROBE(syscalls, sys_exit_pread64)
{
    return reading_ends(args->ret);
}

TRACEPOINT_PROBE(syscalls, sys_exit_readv)
{
    return reading_ends(args->ret);
}

TRACEPOINT_PROBE(syscalls, sys_exit_preadv)
{
    return reading_ends(args->ret);
}

TRACEPOINT_PROBE(syscalls, sys_exit_sendfile64)
{
    return reading_ends(args->ret);
}

TRACEPOINT_PROBE(syscalls, sys_exit_splice)
{
    return reading_ends(args->ret);
}

TRACEPOINT_PROBE(syscalls, sys_enter_write)
{
    return writing(true);
}

TRACEPOINT_PROBE(syscalls, sys_exit_write)
{
    return writing(false);
}

TRACEPOINT_PROBE(syscalls, sys_enter_pwrite64)
{
    return writing(true);
}

TRACEPOINT_PROBE(syscalls, sys_exit_pwrite64)
{
    return writing(false);
}

TRACEPOINT_PROBE(syscalls, sys_enter_writev)
{
    return writing(true);
}

TRACEPOINT_PROBE(syscalls, sys_exit_writev)
{
    return writing(false);
}

TRACEPOINT_PROBE(syscalls, sys_enter_pwritev)
{
    return writing(true);
}

TRACEPOINT_PROBE(syscalls, sys_exit_pwritev)
{
    return writing(false);
}
