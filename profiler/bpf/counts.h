/*
 * What a probe counts for each process: COUNTS numbers (-D). Its name is that of the thread that was met first. Nothing is
 * taken away while a process may count in it: the reader looks how much each has grown (agent/probes/counts.py).
 */
#ifndef WEBPROF_COUNTS_H
#define WEBPROF_COUNTS_H

#include <linux/types.h>

struct counts {
    char comm[16];
    u64 values[COUNTS];
};
BPF_HASH(process_counts, u32, struct counts, COUNT_PROCESSES);
/* What belongs to processes that have found no room, by value. */
BPF_PERCPU_ARRAY(counts_lost, u64, COUNTS);

/* The counts of the process that runs now; null: it is not wanted, or there is no room for it. */
static __always_inline struct counts *counts_of_process(u32 tgid)
{
    struct counts *counts = process_counts.lookup(&tgid);
    if (counts)
        return counts;
    struct counts none = {};
    bpf_get_current_comm(none.comm, sizeof(none.comm));
    process_counts.insert(&tgid, &none);
    return process_counts.lookup(&tgid);
}

/* `what` is a constant below COUNTS. */
static __always_inline void count_for_process(u32 what, u64 number)
{
    if (!wanted())
        return;
    struct counts *counts = counts_of_process(bpf_get_current_pid_tgid() >> 32);
    if (counts) {
        __sync_fetch_and_add(&counts->values[what], number);
        return;
    }
    u64 *lost = counts_lost.lookup(&what);
    if (lost)
        *lost += number;
}

#endif
