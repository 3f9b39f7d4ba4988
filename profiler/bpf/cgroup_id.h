/*
 * Which control group the current task is in: the inode number of the group's directory, and the hierarchy it is in.
 *
 * A helper tells it of the unified hierarchy. Where controllers are mounted as version 1, CGROUP_V1 is defined, and the
 * groups of up to four of them (CGROUP_V1_0 to CGROUP_V1_3: their places in css_set.subsys) are looked at, the first one
 * that is not the root counts. Offsets (OFF_*) come from the running kernel's BTF.
 */
#ifndef WEBPROF_CGROUP_ID_H
#define WEBPROF_CGROUP_ID_H

#include "sample.h"

/* The inode number of each hierarchy's root. */
#define CGROUP_ROOT 1
/* Of the hierarchies: 0 is the unified one, 1 to 4 are those of CGROUP_V1_0 to CGROUP_V1_3. */
#define CGROUP_UNIFIED 0

#ifdef CGROUP_V1
static __always_inline u64 kernel_pointer(u64 address)
{
    u64 value = 0;
    bpf_probe_read_kernel(&value, sizeof(value), (void *)address);
    return value;
}

static __always_inline u64 controller_cgroup(u64 css_set, u32 place)
{
    u64 css = kernel_pointer(css_set + OFF_CSS_SET_SUBSYS + place * sizeof(u64));
    u64 node = kernel_pointer(kernel_pointer(css + OFF_CSS_CGROUP) + OFF_CGROUP_NODE);
    return kernel_pointer(node + OFF_NODE_ID);
}

static __always_inline bool take_controller(struct stack_event *event, u64 css_set, u32 place, u32 hierarchy)
{
    u64 id = controller_cgroup(css_set, place);
    if (!id || id == CGROUP_ROOT)
        return false;
    event->cgroup = id;
    event->cgroup_hierarchy = hierarchy;
    return true;
}
#endif

static __always_inline void take_cgroup(struct stack_event *event)
{
    event->cgroup = bpf_get_current_cgroup_id();
    event->cgroup_hierarchy = CGROUP_UNIFIED;
#ifdef CGROUP_V1
    if (event->cgroup != CGROUP_ROOT)
        return;
    u64 css_set = kernel_pointer(bpf_get_current_task() + OFF_TASK_CGROUPS);
    if (take_controller(event, css_set, CGROUP_V1_0, 1))
        return;
#ifdef CGROUP_V1_1
    if (take_controller(event, css_set, CGROUP_V1_1, 2))
        return;
#endif
#ifdef CGROUP_V1_2
    if (take_controller(event, css_set, CGROUP_V1_2, 3))
        return;
#endif
#ifdef CGROUP_V1_3
    take_controller(event, css_set, CGROUP_V1_3, 4);
#endif
#endif
}

#endif
