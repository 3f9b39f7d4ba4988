/*
 * Whose samples are wanted.
 *
 * Parameters (-D): FILTER_TGID, FILTER_TID, FILTER_COMM, FILTER_CGROUP, FILTER_CGROUP_TASKS must all hold.
 * FOLLOW_CHILDREN: processes that a wanted one starts are wanted, too, whatever the filters say of them.
 *
 * FILTER_CGROUP tests the unified (version 2) hierarchy, groups below the wanted one included. No helper tests a
 * version 1 hierarchy: FILTER_CGROUP_TASKS is a set of threads that the reader fills and a fork adds to.
 */
#ifndef WEBPROF_TARGETS_H
#define WEBPROF_TARGETS_H

#include "sample.h"

/* Targets change when tasks begin and end. */
#if defined(FOLLOW_CHILDREN) || defined(FILTER_CGROUP_TASKS)
#define TARGETS_MOVE
#endif

#ifdef FILTER_TGID
BPF_HASH(target_tgids, u32, u8, MAX_TARGETS);
#endif
#ifdef FILTER_TID
BPF_HASH(target_tids, u32, u8, MAX_TARGETS);
#endif
#ifdef FILTER_CGROUP
BPF_CGROUP_ARRAY(target_cgroup, 1);
#endif
#ifdef FILTER_CGROUP_TASKS
BPF_HASH(target_cgroup_tids, u32, u8, MAX_CGROUP_TASKS);
#endif
#ifdef FOLLOW_CHILDREN
BPF_HASH(followed_tgids, u32, u8, MAX_FOLLOWED);
#endif

static __always_inline bool passes_filters(u32 tgid, u32 tid, const u64 *comm, const struct sample_config *wanted)
{
#ifdef FILTER_TGID
    if (!target_tgids.lookup(&tgid))
        return false;
#endif
#ifdef FILTER_TID
    if (!target_tids.lookup(&tid))
        return false;
#endif
#ifdef FILTER_CGROUP
    if (target_cgroup.check_current_task(0) != 1)
        return false;
#endif
#ifdef FILTER_CGROUP_TASKS
    if (!target_cgroup_tids.lookup(&tid))
        return false;
#endif
#ifdef FILTER_COMM
    const u64 *want = (const u64 *)wanted->comm;
    if (comm[0] != want[0] || comm[1] != want[1])
        return false;
#endif
    return true;
}

/* Of the current task. */
static __always_inline bool is_wanted(u32 tgid, u32 tid, const u64 *comm, const struct sample_config *wanted)
{
#ifndef INCLUDE_IDLE
    if (tid == 0)
        return false;
#endif
#ifdef FOLLOW_CHILDREN
    if (followed_tgids.lookup(&tgid))
        return true;
#endif
    return passes_filters(tgid, tid, comm, wanted);
}

#ifdef TARGETS_MOVE
/* The current task has started another one, which has not run yet. False when there was no room to follow it. */
static __always_inline bool target_forks(u32 child, u64 clone_flags, const struct sample_config *wanted)
{
    u64 ids = bpf_get_current_pid_tgid(), comm[TASK_COMM_LEN / sizeof(u64)] = {};
    u32 tid = ids;
    u8 yes = 1;
    bool followed = true;
#ifdef FILTER_CGROUP_TASKS
    if (target_cgroup_tids.lookup(&tid) && target_cgroup_tids.update(&child, &yes))
        followed = false;
#endif
#ifdef FOLLOW_CHILDREN
    bpf_get_current_comm(comm, sizeof(comm));
    if (!(clone_flags & CLONE_THREAD) && is_wanted(ids >> 32, tid, comm, wanted) &&
        followed_tgids.update(&child, &yes))
        followed = false;
#endif
    return followed;
}

/* The task has ended and was reaped: nothing of it is sampled any more. A process is freed with its first thread. */
static __always_inline void target_freed(u32 tid)
{
#ifdef FILTER_CGROUP_TASKS
    target_cgroup_tids.delete(&tid);
#endif
#ifdef FOLLOW_CHILDREN
    followed_tgids.delete(&tid);
#endif
}
#endif

#endif
