/*
 * Unwind tables: which row holds at an address of a process. Written by profiler/agent/unwind, whose rows.py and
 * tables.py are the twins of these structs.
 *
 * process (by tgid) → a run of mappings, sorted by start → a run of rows, sorted by pc. Runs lie in two big arrays,
 * so that one copy of a library's rows serves every process, and a fork copies one small entry.
 */
#ifndef WEBPROF_UNWIND_TABLES_H
#define WEBPROF_UNWIND_TABLES_H

#include "sample.h"
#include "forks.h"

/* Steps of the binary searches: 2^11 > the mappings kept of a process, 2^23 > all rows. */
#define MAPPING_STEPS 11
#define ROW_STEPS 23

/* Of `first_row`: the file's rows are not loaded yet. */
#define ROWS_PENDING 0xFFFFFFFF
/* Of `first_row`: a file has none. */
#define ROWS_ABSENT 0xFFFFFFFE

enum row_kind {
    ROW_END = 0,
    ROW_RSP = 1,
    ROW_RBP = 2,
    ROW_PLT = 3,
    ROW_SIGNAL = 4,
    ROW_BAD = 5,
    ROW_DEREF = 6,
    ROW_GAP = 7,
};

/* Executable memory. `bias` is the address minus the ELF address; without rows and any of the above it is JIT code. */
struct unwind_mapping {
    u64 start;
    u64 end;
    u64 bias;
    u32 first_row;
    u32 rows;
};

/* Times are bpf_ktime_get_ns: sampled last at, and no request before. */
struct unwind_process {
    u32 first_mapping;
    u32 mappings;
    u64 used_ns;
    u64 quiet_until_ns;
};

enum unwind_request_kind {
    REQUEST_UNKNOWN = 0, /* a sample of a process without tables */
    REQUEST_MAPPING = 1, /* a sample at an address in no mapping */
    REQUEST_EXEC = 2,
};

/* `memory_of`: the process that this one was forked from and whose memory it has, or 0. */
struct unwind_request {
    u32 tgid;
    u32 kind;
    u32 memory_of;
};

/* One request per process and this time: a process that has just started maps its libraries one by one. */
#define REQUEST_INTERVAL_NS 20000000ULL

BPF_F_TABLE("array", u32, u64, unwind_rows, ROW_ENTRIES, BPF_F_MMAPABLE);
BPF_F_TABLE("array", u32, struct unwind_mapping, unwind_mappings, MAPPING_ENTRIES, BPF_F_MMAPABLE);
BPF_HASH(unwind_processes, u32, struct unwind_process, PROCESS_ENTRIES);
BPF_RINGBUF_OUTPUT(unwind_requests, REQUEST_PAGES);

/* May be lost when the ring is full; the next sample asks again. */
static __always_inline void request_tables(u32 tgid, u32 kind)
{
    struct unwind_request request = {.tgid = tgid, .kind = kind, .memory_of = memory_origin(tgid)};
    unwind_requests.ringbuf_output(&request, sizeof(request), 0);
}

/* A fork has the memory of its parent: one entry is copied. Threads have the entry of their process. */
static __always_inline void process_created(u32 parent, u32 child, u64 clone_flags)
{
    if (clone_flags & CLONE_THREAD)
        return;
    struct unwind_process *known = unwind_processes.lookup(&parent);
    if (!known || !known->mappings) {
        unwind_processes.delete(&child);
        return;
    }
    struct unwind_process copy = *known;
    unwind_processes.update(&child, &copy);
}

/* The old memory is gone. Without the kernel's mappings the first sample of the new one would ask too late. */
static __always_inline void process_replaced(u32 tgid)
{
#ifdef WALK_VMA
    unwind_processes.delete(&tgid);
#else
    struct unwind_process asked = {.quiet_until_ns = bpf_ktime_get_ns() + REQUEST_INTERVAL_NS};
    if (!unwind_processes.update(&tgid, &asked))
        request_tables(tgid, REQUEST_EXEC);
#endif
}

/* Called for each thread; only the first has an entry. */
static __always_inline void task_ended(u32 tid)
{
    unwind_processes.delete(&tid);
}

/* The index of the last of `count` mappings from `first` that starts at or below `address`, or -1. */
static __always_inline s64 find_mapping(u32 first, u32 count, u64 address)
{
    u32 low = first, high = first + count;
#pragma clang loop unroll(disable)
    for (int i = 0; i < MAPPING_STEPS && low < high; i++) {
        u32 middle = low + (high - low) / 2;
        struct unwind_mapping *mapping = unwind_mappings.lookup(&middle);
        if (!mapping)
            return -1;
        if (mapping->start <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return (s64)low - 1 < (s64)first ? -1 : (s64)low - 1;
}

/* The rule (upper half of a row) that holds at an ELF address; GAP below the first row. */
static __always_inline u32 find_rule(u32 first, u32 count, u32 pc)
{
    u32 low = first, high = first + count;
#pragma clang loop unroll(disable)
    for (int i = 0; i < ROW_STEPS && low < high; i++) {
        u32 middle = low + (high - low) / 2;
        u64 *row = unwind_rows.lookup(&middle);
        if (!row)
            return ROW_GAP;
        if ((u32)*row <= pc)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == first)
        return ROW_GAP;
    low -= 1;
    u64 *row = unwind_rows.lookup(&low);
    return row ? *row >> 32 : ROW_GAP;
}

#endif
