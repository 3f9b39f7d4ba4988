/* x86-64. User registers as the kernel saves them; part of its ABI (perf, ptrace), so the same in every version. */
#ifndef WEBPROF_ASM_PTRACE_H
#define WEBPROF_ASM_PTRACE_H

#include <linux/types.h>

struct pt_regs {
    unsigned long r15, r14, r13, r12, bp, bx, r11, r10, r9, r8, ax, cx, dx, si, di, orig_ax, ip, cs, flags, sp, ss;
};

struct bpf_perf_event_data {
    struct pt_regs regs;
    u64 sample_period;
    u64 addr;
};

#endif
