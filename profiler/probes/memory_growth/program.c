/* Bytes that a call adds, known from its arguments, and counted when it has succeeded. */
#include "event_value.h"

#define MAP_ANONYMOUS 0x20
#define MAX_ERROR 4095

/* By thread: what the call that it is in will add; of brk, where the heap ended before. */
BPF_HASH(growing, u32, u64, WAIT_ENTRIES);

static __always_inline void begin_growth(u64 bytes)
{
    u32 tid = bpf_get_current_pid_tgid();
    if (bytes && is_recorded())
        growing.update(&tid, &bytes);
}

/* What begin_growth was told; 0 where it was not, or the call failed. */
static __always_inline u64 end_growth(u64 result)
{
    u32 tid = bpf_get_current_pid_tgid();
    u64 *begun = growing.lookup(&tid);
    if (!begun)
        return 0;
    u64 bytes = *begun;
    growing.delete(&tid);
    return result >= -(u64)MAX_ERROR ? 0 : bytes;
}

static __always_inline int add_growth(void *ctx, u64 bytes)
{
    return bytes ? add_here(ctx, bytes, 0) : 0;
}

static __always_inline u64 heap_end(void)
{
    u64 mm = 0, brk = 0;
    bpf_probe_read_kernel(&mm, sizeof(mm), (void *)(bpf_get_current_task() + OFF_TASK_STRUCT_MM));
    if (mm)
        bpf_probe_read_kernel(&brk, sizeof(brk), (void *)(mm + OFF_MM_STRUCT_BRK));
    return brk;
}

TRACEPOINT_PROBE(syscalls, sys_enter_brk)
{
    begin_growth(heap_end());
    return 0;
}

TRACEPOINT_PROBE(syscalls, sys_exit_brk)
{
    u64 before = end_growth(args->ret), after = args->ret;
    return add_growth(args, before && after > before ? after - before : 0);
}

TRACEPOINT_PROBE(syscalls, sys_enter_mmap)
{
    if (FILES || args->flags & MAP_ANONYMOUS)
        begin_growth(args->len);
    return 0;
}

TRACEPOINT_PROBE(syscalls, sys_exit_mmap)
{
    return add_growth(args, end_growth(args->ret));
}

TRACEPOINT_PROBE(syscalls, sys_enter_mremap)
{
    begin_growth(args->new_len > args->old_len ? args->new_len - args->old_len : 0);
    return 0;
}

TRACEPOINT_PROBE(syscalls, sys_exit_mremap)
{
    return add_growth(args, end_growth(args->ret));
}
