/* How events leave the kernel, and how those that can't are counted. FEED_PAGES (-D) is the ring's size. */
#ifndef WEBPROF_FEED_H
#define WEBPROF_FEED_H

#include <linux/types.h>

/* The reader's names of these are in profiler/agent/probes/events.py. */
enum feed_loss {
    LOST_RING_FULL = 0, /* the reader did not come in time */
    LOST_NO_ROOM = 1,   /* too much had begun and not ended: a table was full */
    FEED_LOSSES = 2,
};

BPF_RINGBUF_OUTPUT(feed_ring, FEED_PAGES);
BPF_PERCPU_ARRAY(feed_lost, u64, FEED_LOSSES);

static __always_inline void count_lost(u32 cause)
{
    u64 *count = feed_lost.lookup(&cause);
    if (count)
        *count += 1;
}

/* A multiple of eight bytes. The reader looks by itself: waking it for each event would cost more than the event. */
static __always_inline void send_event(void *event, u64 bytes)
{
    if (feed_ring.ringbuf_output(event, bytes, BPF_RB_NO_WAKEUP))
        count_lost(LOST_RING_FULL);
}

#endif
