/* The walks as a library: machine.py puts memory, rows and registers into it. */
#include "kernel.h"
#include "walk_eh.h"
#include "walk_python.h"

void put_memory(u64 start, const u8 *data, u64 size)
{
    regions[region_count++] = (struct region){start, size, data};
}

void put_row(u32 index, u64 row)
{
    unwind_rows_data[index] = row;
}

void put_mapping(u32 index, u64 start, u64 end, u64 bias, u32 first_row, u32 rows)
{
    unwind_mappings_data[index] = (struct unwind_mapping){start, end, bias, first_row, rows};
}

void put_process(u32 tgid, u32 mappings)
{
    struct unwind_process process = {.mappings = mappings};
    unwind_processes.update(&tgid, &process);
}

void put_python(u32 tgid, const struct python_process *layout)
{
    pythons.update(&tgid, layout);
}

void put_task(u64 task)
{
    current_task = task;
}

u32 requests(void)
{
    return records_sent;
}

#ifdef WALK_VMA
void put_file(const struct unwind_file_key *key, const struct unwind_file *file)
{
    unwind_files.update(key, file);
}

void put_vdso(const struct unwind_file *file)
{
    unwind_vdso_data[0] = *file;
}

u32 mapped(u64 address, struct unwind_mapping *mapping)
{
    return mapping_in_kernel(address, mapping);
}
#endif

/* Reads from now on, and which of them fails; 0 for none. */
void fail_read(u32 number)
{
    read_count = 0;
    failing_read = number;
}

u32 reads(void)
{
    return read_count;
}

/* As the sampling program does it. `frames` has FRAME_SLOTS. */
u32 walk_native(u32 tgid, u64 ip, u64 sp, u64 bp, u64 cs, u64 *frames, u16 *outcome)
{
    struct bpf_perf_event_data context = {};
    struct walk walk;
    context.regs.ip = ip;
    context.regs.sp = sp;
    context.regs.bp = bp;
    context.regs.cs = cs;
    if (begin_walk(&context, &walk, tgid))
        while (walk_some(&walk, frames, 0))
            ;
    *outcome = walk.outcome;
    return walk.depth;
}

u32 walk_functions(u32 tgid, u64 task, u64 *words, u16 *outcome)
{
    u32 count;
    current_task = task;
    *outcome = PYTHON_NONE;
    do
        count = take_python_frames(tgid, words, 0, outcome);
    while (*outcome == PYTHON_MORE);
    return count;
}
