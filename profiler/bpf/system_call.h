/*
 * System calls at the raw tracepoints sys_enter (registers, number) and sys_exit (registers, result), which all calls of the
 * machine pass: look at the number first, that is what a call costs that nobody wants. Needs task_struct.thread_info.status.
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
#define CALL_RESULT ((s64)ARGUMENT(sys_exit, 1))

/* The arguments of a call that begins, as x86-64 passes them. */
#define CALL_ARGUMENT(name) pointer_at(ARGUMENT(sys_enter, 0) + __builtin_offsetof(struct pt_regs, name))
#define CALL_FIRST CALL_ARGUMENT(di)
#define CALL_SECOND CALL_ARGUMENT(si)
#define CALL_THIRD CALL_ARGUMENT(dx)
#define CALL_FOURTH CALL_ARGUMENT(r10)
#define CALL_FIFTH CALL_ARGUMENT(r8)

#endif
