/* Parameters (-D): FAILED, whether only failures are sent. */

/* The reader's names of these are in __init__.py. */
enum call { OPEN, OPENAT, OPENAT2, CREAT };

#define CREAT_FLAGS (00000001 | 00000100 | 00001000) /* O_WRONLY, O_CREAT, O_TRUNC: creat(2) */

static __always_inline int opened(s64 result)
{
    struct path_call call = {};
    if (take_path_call(&call) && (!FAILED || result < 0))
        send_path_call(&call, result);
    return 0;
}

/* The first field of struct open_how. */
static __always_inline u32 wanted_flags(const void *how)
{
    u64 flags = 0;
    bpf_probe_read_user(&flags, sizeof(flags), how);
    return flags;
}

TRACEPOINT_PROBE(syscalls, sys_enter_open) { return begin_path_call(OPEN, args->filename, 0, args->flags); }
TRACEPOINT_PROBE(syscalls, sys_exit_open) { return opened(args->ret); }
TRACEPOINT_PROBE(syscalls, sys_enter_openat) { return begin_path_call(OPENAT, args->filename, 0, args->flags); }
TRACEPOINT_PROBE(syscalls, sys_exit_openat) { return opened(args->ret); }
TRACEPOINT_PROBE(syscalls, sys_enter_openat2) { return begin_path_call(OPENAT2, args->filename, 0, wanted_flags(args->how)); }
TRACEPOINT_PROBE(syscalls, sys_exit_openat2) { return opened(args->ret); }
TRACEPOINT_PROBE(syscalls, sys_enter_creat) { return begin_path_call(CREAT, args->pathname, 0, CREAT_FLAGS); }
TRACEPOINT_PROBE(syscalls, sys_exit_creat) { return opened(args->ret); }
