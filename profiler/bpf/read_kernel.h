/* Fields of the kernel's structs, at offsets of its BTF. */
#ifndef WEBPROF_READ_KERNEL_H
#define WEBPROF_READ_KERNEL_H

#include <linux/types.h>

#define READ_KERNEL(to, base, offset) bpf_probe_read_kernel(&(to), sizeof(to), (const void *)((base) + (offset)))

static __always_inline u64 pointer_at(u64 address)
{
    u64 value = 0;
    bpf_probe_read_kernel(&value, sizeof(value), (const void *)address);
    return value;
}

#endif
