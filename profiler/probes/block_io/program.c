/* Each request counts its bytes, when it is queued: later the disk's queue works in the place of who asked. */
#include "event_value.h"

#define SECTOR_BYTES 512ULL

/* The states that the declaration names. */
enum block_state { BLOCK_READ = 1, BLOCK_WRITE = 2, BLOCK_DISCARD = 3, BLOCK_FLUSH = 4, BLOCK_OTHER = 5 };

/* Of the first letter that blk_fill_rwbs writes; it puts an F before the others when a flush comes first. */
static __always_inline u32 block_state(char letter, u64 bytes)
{
    if (letter == 'R')
        return BLOCK_READ;
    if (letter == 'W' || (letter == 'F' && bytes))
        return BLOCK_WRITE;
    if (letter == 'D')
        return BLOCK_DISCARD;
    return letter == 'F' ? BLOCK_FLUSH : BLOCK_OTHER;
}

TRACEPOINT_PROBE(block, block_bio_queue)
{
    u64 bytes = args->nr_sector * SECTOR_BYTES;
    return add_here(args, bytes, block_state(args->rwbs[0], bytes));
}
