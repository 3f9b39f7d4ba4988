/*
 * Whose events a probe looks at. The values stand in a map, so that following another process compiles nothing. The agent
 * itself is never wanted: a probe that saw what reading it takes would feed itself.
 */
#ifndef WEBPROF_PROBE_FILTER_H
#define WEBPROF_PROBE_FILTER_H

#include <linux/types.h>

/* Set once, before anything runs (agent/probes/program.py). A pid of 0 and an empty name are everybody. */
struct probe_filter {
    u32 own_tgid;
    u32 pid;
    u64 comm[2];
};
BPF_ARRAY(filters, struct probe_filter, 1);

static __always_inline bool wanted_by(const struct probe_filter *filter, u32 tgid)
{
    if (!filter || tgid == filter->own_tgid || (filter->pid && tgid != filter->pid))
        return false;
    if (!filter->comm[0])
        return true;
    u64 comm[2] = {};
    bpf_get_current_comm(comm, sizeof(comm));
    return comm[0] == filter->comm[0] && comm[1] == filter->comm[1];
}

/* Whether the thread that runs now is one to look at. */
static __always_inline bool wanted(void)
{
    u32 zero = 0;
    return wanted_by(filters.lookup(&zero), bpf_get_current_pid_tgid() >> 32);
}

#endif
