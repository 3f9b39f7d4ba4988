/* Each request counts its bytes, when it is queued: later the disk's queue works in the place of who asked. */
#include "arguments.h"
#include "event_value.h"
#include "read_kernel.h"

/* The states that the declaration names. */
enum block_state { BLOCK_READ = 1, BLOCK_WRITE = 2, BLOCK_DISCARD = 3, BLOCK_FLUSH = 4, BLOCK_OTHER = 5 };
/* enum req_op of include/linux/blk_types.h, in the lowest byte of the flags. */
enum operation { OPERATION_READ = 0, OPERATION_WRITE = 1, OPERATION_FLUSH = 2, OPERATION_DISCARD = 3, OPERATION_ERASE = 5 };
#define OPERATION 0xff

/* To flush a disk's cache programs write nothing. */
static __always_inline u32 block_state(u32 operation, u32 bytes)
{
    if (operation == OPERATION_READ)
        return BLOCK_READ;
    if (operation == OPERATION_WRITE)
        return bytes ? BLOCK_WRITE : BLOCK_FLUSH;
    if (operation == OPERATION_DISCARD || operation == OPERATION_ERASE)
        return BLOCK_DISCARD;
    return operation == OPERATION_FLUSH ? BLOCK_FLUSH : BLOCK_OTHER;
}

RAW_TRACEPOINT_PROBE(block_bio_queue)
{
    u64 bio = ARGUMENT(block_bio_queue, 0);
    u32 flags = 0, bytes = 0;
    READ_KERNEL(flags, bio, OFF_BIO_BI_OPF);
    READ_KERNEL(bytes, bio, OFF_BIO_BI_ITER_BI_SIZE);
    return add_here(ctx, bytes, block_state(flags & OPERATION, bytes));
}
