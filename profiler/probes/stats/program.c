/* Parameters (-D): FAILED, whether only failures are sent. */

/* The reader's names of these are in __init__.py. */
enum call { NEWSTAT, NEWLSTAT, NEWFSTATAT, STATX, ACCESS, FACCESSAT, FACCESSAT2, READLINK, READLINKAT };

static __always_inline int looked(s64 result)
{
    struct path_call call = {};
    if (take_path_call(&call) && (!FAILED || result < 0))
        send_path_call(&call, result);
    return 0;
}

TRACEPOINT_PROBE(syscalls, sys_enter_newstat) { return begin_path_call(NEWSTAT, args->filename, 0, 0); }
TRACEPOINT_PROBE(syscalls, sys_exit_newstat) { return looked(args->ret); }
TRACEPOINT_PROBE(syscalls, sys_enter_newlstat) { return begin_path_call(NEWLSTAT, args->filename, 0, 0); }
TRACEPOINT_PROBE(syscalls, sys_exit_newlstat) { return looked(args->ret); }
TRACEPOINT_PROBE(syscalls, sys_enter_newfstatat) { return begin_path_call(NEWFSTATAT, args->filename, 0, 0); }
TRACEPOINT_PROBE(syscalls, sys_exit_newfstatat) { return looked(args->ret); }
TRACEPOINT_PROBE(syscalls, sys_enter_statx) { return begin_path_call(STATX, args->filename, 0, 0); }
TRACEPOINT_PROBE(syscalls, sys_exit_statx) { return looked(args->ret); }
TRACEPOINT_PROBE(syscalls, sys_enter_access) { return begin_path_call(ACCESS, args->filename, 0, 0); }
TRACEPOINT_PROBE(syscalls, sys_exit_access) { return looked(args->ret); }
TRACEPOINT_PROBE(syscalls, sys_enter_faccessat) { return begin_path_call(FACCESSAT, args->filename, 0, 0); }
TRACEPOINT_PROBE(syscalls, sys_exit_faccessat) { return looked(args->ret); }
TRACEPOINT_PROBE(syscalls, sys_enter_faccessat2) { return begin_path_call(FACCESSAT2, args->filename, 0, 0); }
TRACEPOINT_PROBE(syscalls, sys_exit_faccessat2) { return looked(args->ret); }
TRACEPOINT_PROBE(syscalls, sys_enter_readlink) { return begin_path_call(READLINK, args->path, 0, 0); }
TRACEPOINT_PROBE(syscalls, sys_exit_readlink) { return looked(args->ret); }
TRACEPOINT_PROBE(syscalls, sys_enter_readlinkat) { return begin_path_call(READLINKAT, args->pathname, 0, 0); }
TRACEPOINT_PROBE(syscalls, sys_exit_readlinkat) { return looked(args->ret); }
