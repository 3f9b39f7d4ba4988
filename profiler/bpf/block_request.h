/* What a `struct request` of the block layer says: its disk, its operation, its place and size. By offsets from BTF. */
#ifndef WEBPROF_BLOCK_REQUEST_H
#define WEBPROF_BLOCK_REQUEST_H

#include "read_kernel.h"

/* include/linux/kdev_t.h */
#define MINOR_BITS 20
/* include/linux/blk_types.h: the operation is in the lowest byte of the flags. */
#define REQUEST_OPERATION 0xff

/* The disk's number as the kernel keeps it; 0 for a request that is for none. */
static __always_inline u64 device_of(u64 request)
{
#ifdef OFF_REQUEST_QUEUE_DISK
    u64 disk = pointer_at(pointer_at(request + OFF_REQUEST_Q) + OFF_REQUEST_QUEUE_DISK);
#else
    u64 disk = pointer_at(request + OFF_REQUEST_RQ_DISK);
#endif
    u32 major = 0, minor = 0;
    if (!disk)
        return 0;
    READ_KERNEL(major, disk, OFF_GENDISK_MAJOR);
    READ_KERNEL(minor, disk, OFF_GENDISK_FIRST_MINOR);
    return (u64)major << MINOR_BITS | minor;
}

static __always_inline u32 flags_of(u64 request)
{
    u32 flags = 0;
    READ_KERNEL(flags, request, OFF_REQUEST_CMD_FLAGS);
    return flags;
}

#endif
