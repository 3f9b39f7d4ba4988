/*
 * System calls at the raw tracepoints sys_enter (registers, number) and sys_exit (registers, result), which all calls of the
 * machine pass. Who wants a few calls only takes the tracepoints of those: others then cost nothing, and a call begins and
 * ends while nothing else is made of its thread, so that perf drops none. Needs task_struct.thread_info.status.
 */
#ifndef WEBPROF_SYSTEM_CALL_H
#define WEBPROF_SYSTEM_CALL_H

#include <asm/ptrace.h>

#include "arguments.h"
#include "read_kernel.h"

/* arch/x86/include/asm/thread_info.h: a call of 32 bits, whose number means another one. */
#define TS_COMPAT 0x2
#define NO_CALL (~0U)

static __always_inline bool is_of_64_bits(void)
{
    u32 status = 0;
    READ_KERNEL(status, bpf_get_current_task(), OFF_TASK_STRUCT_THREAD_INFO_STATUS);
    return !(status & TS_COMPAT);
}

/* At its end. A signal's handler ends with a call of its own, of no number. */
static __always_inline u32 call_of(u64 registers)
{
    u64 number = pointer_at(registers + __builtin_offsetof(struct pt_regs, orig_ax));
    return number;
}

#define CALL_ENTERED ((u32)ARGUMENT(sys_enter, 1))
#define CALL_ENDED call_of(ARGUMENT(sys_exit, 0))

#endif
