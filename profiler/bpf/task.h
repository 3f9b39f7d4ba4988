/* What the running task is, by offsets of this kernel's BTF (-D OFF_...). */
#ifndef WEBPROF_TASK_H
#define WEBPROF_TASK_H

#include "read_kernel.h"

#ifdef OFF_TASK_STRUCT_REAL_PARENT
static __always_inline u32 parent_tgid(void)
{
    u64 task = bpf_get_current_task(), parent = 0;
    u32 tgid = 0;
    READ_KERNEL(parent, task, OFF_TASK_STRUCT_REAL_PARENT);
    READ_KERNEL(tgid, parent, OFF_TASK_STRUCT_TGID);
    return tgid;
}
#endif

#ifdef OFF_TASK_STRUCT_FILES
/* The `struct file` of one of the running process's descriptors; 0 when there is none. */
static __always_inline u64 file_of(u32 descriptor)
{
    u64 task = bpf_get_current_task(), files = 0, table = 0, array = 0, file = 0;
    u32 room = 0;
    READ_KERNEL(files, task, OFF_TASK_STRUCT_FILES);
    READ_KERNEL(table, files, OFF_FILES_STRUCT_FDT);
    READ_KERNEL(room, table, OFF_FDTABLE_MAX_FDS);
    if (descriptor >= room)
        return 0;
    READ_KERNEL(array, table, OFF_FDTABLE_FD);
    READ_KERNEL(file, array, descriptor * sizeof(u64));
    return file;
}
#endif

#endif
