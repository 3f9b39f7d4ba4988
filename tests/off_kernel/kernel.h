/* What BCC and the kernel give to the walks, in user space: maps as arrays, and reads from an image that can fail. */
#ifndef OFF_KERNEL_H
#define OFF_KERNEL_H

#include <asm/ptrace.h>
#include <linux/types.h>

#define BPF_ANY 0
#define BPF_F_MMAPABLE 1024
#define BPF_RB_NO_WAKEUP 1
#define MAX_REGIONS 256
#define MAX_HASH 64
#define ROW_ENTRIES 4096
#define MAPPING_ENTRIES 64
#define PROCESS_ENTRIES 16
#define REQUEST_PAGES 1

struct region {
    u64 start;
    u64 size;
    const u8 *data;
};
static struct region regions[MAX_REGIONS];
static u32 region_count, read_count, failing_read, records_sent;

static long read_image(void *to, u32 size, const void *from)
{
    u64 address = (u64)from;
    if (++read_count == failing_read)
        return -14;
    for (u32 i = 0; i < region_count; i++) {
        u64 skipped = address - regions[i].start;
        if (address >= regions[i].start && skipped < regions[i].size && size <= regions[i].size - skipped) {
            __builtin_memcpy(to, regions[i].data + skipped, size);
            return 0;
        }
    }
    return -14;
}

#define bpf_probe_read_user(to, size, from) read_image(to, size, from)
#define bpf_probe_read_kernel(to, size, from) read_image(to, size, from)

static u64 current_task;
static u64 bpf_get_current_task(void) { return current_task; }
static u64 bpf_get_current_task_btf(void) { return current_task; }
static u64 bpf_task_pt_regs(u64 task) { return task; }
static u64 bpf_ktime_get_ns(void) { return 1; }

#define ARRAY_MAP(key_type, leaf_type, name, count)                                                                  \
    static leaf_type name##_data[count];                                                                            \
    static leaf_type *name##_lookup(const key_type *key) { return *key < (count) ? &name##_data[*key] : 0; }          \
    static struct {                                                                                                 \
        leaf_type *(*lookup)(const key_type *);                                                                     \
    } name = {name##_lookup};

#define HASH_MAP(key_type, leaf_type, name)                                                                          \
    static struct {                                                                                                 \
        bool used;                                                                                                  \
        key_type key;                                                                                               \
        leaf_type leaf;                                                                                             \
    } name##_data[MAX_HASH];                                                                                        \
    static leaf_type *name##_lookup(const key_type *key)                                                            \
    {                                                                                                               \
        for (u32 i = 0; i < MAX_HASH; i++)                                                                          \
            if (name##_data[i].used && !__builtin_memcmp(&name##_data[i].key, key, sizeof(*key)))                   \
                return &name##_data[i].leaf;                                                                        \
        return 0;                                                                                                   \
    }                                                                                                               \
    static long name##_update(const key_type *key, const leaf_type *leaf)                                           \
    {                                                                                                               \
        leaf_type *known = name##_lookup(key);                                                                      \
        for (u32 i = 0; !known && i < MAX_HASH; i++)                                                                \
            if (!name##_data[i].used) {                                                                             \
                name##_data[i].used = true;                                                                         \
                name##_data[i].key = *key;                                                                          \
                known = &name##_data[i].leaf;                                                                       \
            }                                                                                                       \
        if (!known)                                                                                                 \
            return -7;                                                                                              \
        __builtin_memcpy(known, leaf, sizeof(*leaf));                                                               \
        return 0;                                                                                                   \
    }                                                                                                               \
    static long name##_delete(const key_type *key)                                                                  \
    {                                                                                                               \
        for (u32 i = 0; i < MAX_HASH; i++)                                                                          \
            if (name##_data[i].used && !__builtin_memcmp(&name##_data[i].key, key, sizeof(*key)))                   \
                name##_data[i].used = false;                                                                        \
        return 0;                                                                                                   \
    }                                                                                                               \
    static struct {                                                                                                 \
        leaf_type *(*lookup)(const key_type *);                                                                     \
        long (*update)(const key_type *, const leaf_type *);                                                        \
        long (*delete)(const key_type *);                                                                           \
    } name = {name##_lookup, name##_update, name##_delete};

static long send_record(const void *data, u64 size, u64 flags)
{
    (void)data, (void)size, (void)flags;
    records_sent++;
    return 0;
}

#define BPF_F_TABLE(kind, key_type, leaf_type, name, count, flags) ARRAY_MAP(key_type, leaf_type, name, count)
#define BPF_TABLE(kind, key_type, leaf_type, name, count) HASH_MAP(key_type, leaf_type, name)
#define BPF_HASH(name, key_type, leaf_type, count) HASH_MAP(key_type, leaf_type, name)
#define BPF_ARRAY(name, leaf_type, count) ARRAY_MAP(u32, leaf_type, name, count)
#define BPF_PERCPU_ARRAY(name, leaf_type, count) ARRAY_MAP(u32, leaf_type, name, count)
#define BPF_RINGBUF_OUTPUT(name, pages)                                                                              \
    static struct {                                                                                                 \
        long (*ringbuf_output)(const void *, u64, u64);                                                             \
    } name = {send_record};

#endif
