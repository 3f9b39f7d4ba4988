/*
 * Programs that begin and end. What began is told when the kernel has replaced the process's memory: its arguments then lie
 * in one piece (mm_struct.arg_start), and its thread has the process's number, whichever thread called. What failed is told
 * when the call ends, with the arguments that it was given.
 */
#include "arguments.h"
#include "task.h"

#define PATH_BYTES 4096
#define ARGS_BYTES 4096
#define ONE_ARG 1024
#define MAX_ARGS 32

/* The reader's names of these are in __init__.py. */
enum what { BEGAN, FAILED, ENDED };
enum arguments { WHOLE, CUT, UNREADABLE };

struct event {
    u64 at;
    u64 took;
    u32 pid;
    u32 ppid;
    u32 uid;
    s32 result; /* of the call; of an end as wait(2) tells it */
    u32 what;
    u32 arguments;
    u32 path_bytes;
    u32 args_bytes;
    char comm[TASK_COMM_LEN];
    char text[PATH_BYTES + ARGS_BYTES + ONE_ARG];
};

struct call {
    const char *path;
    const char *const *args;
};

BPF_HASH(calls, u64, struct call, 8192);
/* When programs began. The least recently used go first: the end of such a one is not told. */
BPF_TABLE("lru_hash", u32, u64, began, 16384);
BPF_PERCPU_ARRAY(space, struct event, 1);

static __always_inline struct event *new_event(u32 what)
{
    u32 zero = 0;
    struct event *event = space.lookup(&zero);
    if (!event)
        return 0;
    event->at = bpf_ktime_get_ns();
    event->took = 0;
    event->pid = bpf_get_current_pid_tgid() >> 32;
    event->ppid = parent_tgid();
    event->uid = bpf_get_current_uid_gid();
    event->what = what;
    event->result = 0;
    event->arguments = WHOLE;
    event->path_bytes = event->args_bytes = 0;
    bpf_get_current_comm(event->comm, sizeof(event->comm));
    return event;
}

static __always_inline void send(struct event *event)
{
    u64 text = (event->path_bytes & (PATH_BYTES - 1)) + (event->args_bytes & (2 * ARGS_BYTES - 1));
    if (text > sizeof(event->text))
        text = sizeof(event->text);
    send_event(event, __builtin_offsetof(struct event, text) + text);
}

static __always_inline int begin(const char *path, const char *const *args)
{
    u64 thread = bpf_get_current_pid_tgid();
    struct call call = {.path = path, .args = args};
    if (wanted() && calls.update(&thread, &call))
        count_lost(LOST_NO_ROOM);
    return 0;
}

/* Each argument by its pointer: they lie anywhere. */
static __always_inline void read_args(struct event *event, const char *const *args)
{
    u32 used = event->path_bytes & (PATH_BYTES - 1), first = used;
    for (int i = 0; i < MAX_ARGS; i++) {
        const char *arg = 0;
        if (bpf_probe_read_user(&arg, sizeof(arg), &args[i])) {
            event->arguments = UNREADABLE;
            break;
        }
        if (!arg)
            break;
        if (i == MAX_ARGS - 1 || used > PATH_BYTES + ARGS_BYTES) {
            event->arguments = CUT;
            break;
        }
        long bytes = bpf_probe_read_user_str(&event->text[used], ONE_ARG, arg);
        if (bytes < 0) {
            event->arguments = UNREADABLE;
            break;
        }
        if (bytes == ONE_ARG)
            event->arguments = CUT;
        used += (u32)bytes & (2 * ONE_ARG - 1);
    }
    event->args_bytes = used - first;
}

static __always_inline int end(s64 result)
{
    u64 thread = bpf_get_current_pid_tgid();
    struct call *begun = calls.lookup(&thread);
    if (!begun)
        return 0;
    struct call call = *begun;
    calls.delete(&thread);
    struct event *event = result < 0 ? new_event(FAILED) : 0;
    if (!event)
        return 0;
    event->result = result;
    long bytes = bpf_probe_read_user_str(event->text, PATH_BYTES - 1, call.path);
    event->path_bytes = bytes < 0 ? 0 : (u32)bytes & (PATH_BYTES - 1);
    read_args(event, call.args);
    send(event);
    return 0;
}

TRACEPOINT_PROBE(syscalls, sys_enter_execve) { return begin(args->filename, args->argv); }
TRACEPOINT_PROBE(syscalls, sys_enter_execveat) { return begin(args->filename, args->argv); }
TRACEPOINT_PROBE(syscalls, sys_exit_execve) { return end(args->ret); }
TRACEPOINT_PROBE(syscalls, sys_exit_execveat) { return end(args->ret); }

static __always_inline void read_own_args(struct event *event)
{
    u64 mm = 0, from = 0, to = 0;
    READ_KERNEL(mm, bpf_get_current_task(), OFF_TASK_STRUCT_MM);
    READ_KERNEL(from, mm, OFF_MM_STRUCT_ARG_START);
    READ_KERNEL(to, mm, OFF_MM_STRUCT_ARG_END);
    u64 bytes = to - from;
    if (bytes > ARGS_BYTES) {
        bytes = ARGS_BYTES;
        event->arguments = CUT;
    }
    u32 place = event->path_bytes & (PATH_BYTES - 1);
    if (bpf_probe_read_user(&event->text[place], bytes, (const void *)from)) {
        event->arguments = UNREADABLE;
        bytes = 0;
    }
    event->args_bytes = bytes;
}

RAW_TRACEPOINT_PROBE(sched_process_exec)
{
    u32 tgid = bpf_get_current_pid_tgid() >> 32;
    u64 caller = (u64)tgid << 32 | (u32)ARGUMENT(sched_process_exec, 1); /* the thread that called, which is no more */
    calls.delete(&caller);
    if (!wanted())
        return 0;
    struct event *event = new_event(BEGAN);
    if (!event)
        return 0;
    began.update(&tgid, &event->at);
    const char *path = (const char *)pointer_at(ARGUMENT(sched_process_exec, 2) + OFF_LINUX_BINPRM_FILENAME);
    long bytes = bpf_probe_read_kernel_str(event->text, PATH_BYTES - 1, path);
    event->path_bytes = bytes < 0 ? 0 : (u32)bytes & (PATH_BYTES - 1);
    read_own_args(event);
    send(event);
    return 0;
}

/* The process ends with its last thread. */
RAW_TRACEPOINT_PROBE(sched_process_exit)
{
    u64 signal = 0, task = bpf_get_current_task();
    u32 tgid = bpf_get_current_pid_tgid() >> 32, live = 0;
    READ_KERNEL(signal, task, OFF_TASK_STRUCT_SIGNAL);
    READ_KERNEL(live, signal, OFF_SIGNAL_STRUCT_LIVE);
    u64 *since = live ? 0 : began.lookup(&tgid);
    if (!since)
        return 0;
    u64 at = *since;
    began.delete(&tgid);
    struct event *event = new_event(ENDED);
    if (!event)
        return 0;
    event->took = event->at - at;
    READ_KERNEL(event->result, task, OFF_TASK_STRUCT_EXIT_CODE);
    send(event);
    return 0;
}
