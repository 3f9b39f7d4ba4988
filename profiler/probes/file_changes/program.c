/* What comes into being, goes, or gets another name. A file is created when the kernel says so, not when O_CREAT does. */
#include "task.h"

/* The reader's names of these are in __init__.py. */
enum change { CREATE, UNLINK, MKDIR, RMDIR, RENAME, LINK, SYMLINK, MKNOD };

#define AT_REMOVEDIR 0x200
#define O_CREAT 00000100
#define FMODE_CREATED (1 << 20) /* include/linux/fs.h, since 4.19 */

static __always_inline int changed(s64 result)
{
    struct path_call call = {};
    if (take_path_call(&call))
        send_path_call(&call, result);
    return 0;
}

static __always_inline int begin_create(const char *path, u64 flags)
{
    return flags & O_CREAT ? begin_path_call(CREATE, path, 0, 0) : 0;
}

static __always_inline int created(s64 result)
{
    struct path_call call = {};
    u32 mode = 0;
    if (!take_path_call(&call) || result < 0)
        return 0;
    READ_KERNEL(mode, file_of(result), OFF_FILE_F_MODE);
    if (mode & FMODE_CREATED)
        send_path_call(&call, 0);
    return 0;
}

/* The first field of struct open_how. */
static __always_inline u64 wanted_flags(const void *how)
{
    u64 flags = 0;
    bpf_probe_read_user(&flags, sizeof(flags), how);
    return flags;
}

TRACEPOINT_PROBE(syscalls, sys_enter_unlink) { return begin_path_call(UNLINK, args->pathname, 0, 0); }
TRACEPOINT_PROBE(syscalls, sys_exit_unlink) { return changed(args->ret); }
TRACEPOINT_PROBE(syscalls, sys_enter_unlinkat) { return begin_path_call(args->flag & AT_REMOVEDIR ? RMDIR : UNLINK, args->pathname, 0, 0); }
TRACEPOINT_PROBE(syscalls, sys_exit_unlinkat) { return changed(args->ret); }
TRACEPOINT_PROBE(syscalls, sys_enter_rmdir) { return begin_path_call(RMDIR, args->pathname, 0, 0); }
TRACEPOINT_PROBE(syscalls, sys_exit_rmdir) { return changed(args->ret); }
TRACEPOINT_PROBE(syscalls, sys_enter_mkdir) { return begin_path_call(MKDIR, args->pathname, 0, 0); }
TRACEPOINT_PROBE(syscalls, sys_exit_mkdir) { return changed(args->ret); }
TRACEPOINT_PROBE(syscalls, sys_enter_mkdirat) { return begin_path_call(MKDIR, args->pathname, 0, 0); }
TRACEPOINT_PROBE(syscalls, sys_exit_mkdirat) { return changed(args->ret); }
TRACEPOINT_PROBE(syscalls, sys_enter_rename) { return begin_path_call(RENAME, args->oldname, args->newname, 0); }
TRACEPOINT_PROBE(syscalls, sys_exit_rename) { return changed(args->ret); }
TRACEPOINT_PROBE(syscalls, sys_enter_renameat) { return begin_path_call(RENAME, args->oldname, args->newname, 0); }
TRACEPOINT_PROBE(syscalls, sys_exit_renameat) { return changed(args->ret); }
TRACEPOINT_PROBE(syscalls, sys_enter_renameat2) { return begin_path_call(RENAME, args->oldname, args->newname, 0); }
TRACEPOINT_PROBE(syscalls, sys_exit_renameat2) { return changed(args->ret); }
TRACEPOINT_PROBE(syscalls, sys_enter_link) { return begin_path_call(LINK, args->oldname, args->newname, 0); }
TRACEPOINT_PROBE(syscalls, sys_exit_link) { return changed(args->ret); }
TRACEPOINT_PROBE(syscalls, sys_enter_linkat) { return begin_path_call(LINK, args->oldname, args->newname, 0); }
TRACEPOINT_PROBE(syscalls, sys_exit_linkat) { return changed(args->ret); }
TRACEPOINT_PROBE(syscalls, sys_enter_symlink) { return begin_path_call(SYMLINK, args->newname, args->oldname, 0); }
TRACEPOINT_PROBE(syscalls, sys_exit_symlink) { return changed(args->ret); }
TRACEPOINT_PROBE(syscalls, sys_enter_symlinkat) { return begin_path_call(SYMLINK, args->newname, args->oldname, 0); }
TRACEPOINT_PROBE(syscalls, sys_exit_symlinkat) { return changed(args->ret); }
TRACEPOINT_PROBE(syscalls, sys_enter_mknod) { return begin_path_call(MKNOD, args->filename, 0, 0); }
TRACEPOINT_PROBE(syscalls, sys_exit_mknod) { return changed(args->ret); }
TRACEPOINT_PROBE(syscalls, sys_enter_mknodat) { return begin_path_call(MKNOD, args->filename, 0, 0); }
TRACEPOINT_PROBE(syscalls, sys_exit_mknodat) { return changed(args->ret); }
TRACEPOINT_PROBE(syscalls, sys_enter_open) { return begin_create(args->filename, args->flags); }
TRACEPOINT_PROBE(syscalls, sys_exit_open) { return created(args->ret); }
TRACEPOINT_PROBE(syscalls, sys_enter_openat) { return begin_create(args->filename, args->flags); }
TRACEPOINT_PROBE(syscalls, sys_exit_openat) { return created(args->ret); }
TRACEPOINT_PROBE(syscalls, sys_enter_openat2) { return begin_create(args->filename, wanted_flags(args->how)); }
TRACEPOINT_PROBE(syscalls, sys_exit_openat2) { return created(args->ret); }
TRACEPOINT_PROBE(syscalls, sys_enter_creat) { return begin_create(args->pathname, O_CREAT); }
TRACEPOINT_PROBE(syscalls, sys_exit_creat) { return created(args->ret); }
