/*
 * The mapping at an address of the current process, straight from the kernel's tree of mappings (6.1 and newer).
 *
 * For processes that have just started: by the time the agent could read their mappings many have ended. Rows are
 * found by the file's identity, which the agent has registered when it first met the file.
 * Offsets (OFF_*) come from the running kernel's BTF. Reads take no lock: a tree that changes meanwhile gives a wrong or
 * no mapping, which the comparison with vm_start and vm_end notices.
 */
#ifndef WEBPROF_UNWIND_VMA_H
#define WEBPROF_UNWIND_VMA_H

#include "unwind_tables.h"

#ifdef WALK_VMA

/* include/linux/maple_tree.h: nodes are 256 bytes; a reference to one has its type in bits 3 to 6. */
#define MAPLE_NODE_BYTES 256
#define MAPLE_WORDS 32
/* At least as many as any node has; a power of two. */
#define MAPLE_SLOTS 16
#define MAPLE_NODE_MASK 255
#define MAPLE_NODE_TYPE(reference) ((reference) >> 3 & 15)
#define MAPLE_LEAF_64 1
#define MAPLE_ARANGE_64 3
/* Four levels of ten hold 65,530 mappings (vm.max_map_count) with room to spare. */
#define MAPLE_LEVELS 5
#define PAGE_SHIFT 12
/* A process that lives this long gets tables of its own, which are faster. */
#define SETTLED_NS 300000000ULL

struct unwind_file_key {
    u64 inode;
    u64 size;
    u64 mtime_s;
    u32 mtime_ns;
    u32 device;
};

/* The one executable segment of a file: ELF address = file offset + delta. */
struct unwind_file {
    u64 offset;
    u64 end;
    u64 delta;
    u32 first_row;
    u32 rows;
};

struct vma_scratch {
    u64 node[MAPLE_WORDS];
    u32 slot;
    struct unwind_file_key key;
};

BPF_HASH(unwind_files, struct unwind_file_key, struct unwind_file, FILE_ENTRIES);
BPF_ARRAY(unwind_vdso, struct unwind_file, 1);
BPF_PERCPU_ARRAY(vma_space, struct vma_scratch, 1);

static __always_inline u64 kernel_word(u64 address)
{
    u64 word = 0;
    bpf_probe_read_kernel(&word, sizeof(word), (void *)address);
    return word;
}

static __always_inline u32 kernel_half(u64 address)
{
    u32 half = 0;
    bpf_probe_read_kernel(&half, sizeof(half), (void *)address);
    return half;
}

/*
 * The reference in the slot of the node in scratch that covers the address: that of the first pivot at or above it. Pivots
 * behind the last slot in use are 0. The search's state is kept in memory, where the verifier doesn't follow its values:
 * otherwise it checks what comes after for each slot.
 */
static __always_inline u64 maple_child(struct vma_scratch *scratch, bool is_arange, u64 address)
{
    u32 pivots = is_arange ? (OFF_ARANGE_SLOT - OFF_ARANGE_PIVOT) / 8 : (OFF_RANGE_SLOT - OFF_RANGE_PIVOT) / 8;
    u32 first = (is_arange ? OFF_ARANGE_PIVOT : OFF_RANGE_PIVOT) / 8;
    volatile u32 *slot = &scratch->slot;
    *slot = 0;
#pragma clang loop unroll(disable)
    for (u32 stride = MAPLE_SLOTS / 2; stride; stride /= 2) {
        u32 last = *slot + stride - 1;
        u64 pivot = scratch->node[(first + last) & (MAPLE_WORDS - 1)];
        if (last < pivots && pivot < address && (pivot || !last))
            *slot += stride;
    }
    return scratch->node[((is_arange ? OFF_ARANGE_SLOT : OFF_RANGE_SLOT) / 8 + *slot) & (MAPLE_WORDS - 1)];
}

static __always_inline u64 find_vma(struct vma_scratch *scratch, u64 mm, u64 address)
{
    u64 reference = kernel_word(mm + OFF_MM_ROOT);
#pragma clang loop unroll(disable)
    for (int level = 0; level < MAPLE_LEVELS; level++) {
        u32 type = MAPLE_NODE_TYPE(reference);
        if (bpf_probe_read_kernel(scratch->node, MAPLE_NODE_BYTES, (void *)(reference & ~(u64)MAPLE_NODE_MASK)))
            return 0;
        reference = maple_child(scratch, type == MAPLE_ARANGE_64, address);
        if (type == MAPLE_LEAF_64)
            return reference;
    }
    return 0;
}

static __always_inline struct unwind_file *find_file(struct vma_scratch *scratch, u64 file)
{
    u64 inode = kernel_word(file + OFF_FILE_INODE);
    struct unwind_file_key *key = &scratch->key;
    key->inode = kernel_word(inode + OFF_INODE_NUMBER);
    key->size = kernel_word(inode + OFF_INODE_SIZE);
    key->mtime_s = kernel_word(inode + OFF_INODE_MTIME_S);
    key->mtime_ns = kernel_half(inode + OFF_INODE_MTIME_NS);
    key->device = kernel_half(kernel_word(inode + OFF_INODE_SUPER) + OFF_SUPER_DEVICE);
    return unwind_files.lookup(key);
}

static __always_inline bool has_memory(void)
{
    return kernel_word(bpf_get_current_task() + OFF_TASK_MM) != 0;
}

enum vma_answer {
    VMA_NONE = 0,    /* nothing is mapped there, or it could not be read */
    VMA_UNKNOWN = 1, /* a file that the agent has not registered */
    VMA_FOUND = 2,
};

/* Fill `mapping` with what is mapped at an address of the current process. */
static __always_inline u32 mapping_in_kernel(u64 address, struct unwind_mapping *mapping)
{
    u32 zero = 0;
    struct vma_scratch *scratch = vma_space.lookup(&zero);
    u64 mm = kernel_word(bpf_get_current_task() + OFF_TASK_MM);
    u64 vma = scratch && mm ? find_vma(scratch, mm, address) : 0;
    if (!vma)
        return VMA_NONE;
    mapping->start = kernel_word(vma + OFF_VMA_START);
    mapping->end = kernel_word(vma + OFF_VMA_END);
    if (address < mapping->start || address >= mapping->end)
        return VMA_NONE;
    mapping->first_row = mapping->rows = 0;
    u64 file = kernel_word(vma + OFF_VMA_FILE), offset = kernel_word(vma + OFF_VMA_PGOFF) << PAGE_SHIFT;
    struct unwind_file *known = 0;
    if (file)
        known = find_file(scratch, file);
    else if (mapping->start == kernel_word(mm + OFF_MM_VDSO)) {
        known = unwind_vdso.lookup(&zero);
        offset = 0;
    } else
        return VMA_FOUND; /* JIT code */
    if (!known)
        return VMA_UNKNOWN;
    mapping->bias = mapping->start - offset - known->delta;
    mapping->first_row = ROWS_ABSENT;
    if (offset >= known->offset && offset < known->end) {
        mapping->first_row = known->first_row;
        mapping->rows = known->rows;
    }
    return VMA_FOUND;
}

#endif
#endif
