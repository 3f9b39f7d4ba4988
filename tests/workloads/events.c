/*
 * Makes events in known functions, as many as each line on stdin says: WHAT COUNT ARGUMENT
 * Then it tells on stdout how long it was at it in nanoseconds, and 0.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096

static uint64_t clock_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

static void must(int fine, const char *what)
{
    if (!fine) {
        fprintf(stderr, "%s: %s\n", what, strerror(errno));
        exit(1);
    }
}

static char *pages(long count)
{
    char *memory = mmap(0, count * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    must(memory != MAP_FAILED, "mmap");
    must(madvise(memory, count * PAGE, MADV_NOHUGEPAGE) == 0, "madvise");
    return memory;
}

/* Each page of new memory, once. */
__attribute__((noipa)) void toucher(volatile char *memory, long count)
{
    for (long i = 0; i < count; i++)
        memory[i * PAGE] = 1;
}

static void touch(long count)
{
    char *memory = pages(count);
    toucher(memory, count);
    munmap(memory, count * PAGE);
}

/* Each a page, past the page cache. */
__attribute__((noipa)) void disk_reader(int file, void *memory, long count)
{
    for (long i = 0; i < count; i++)
        must(pread(file, memory, PAGE, i * PAGE) == PAGE, "pread");
}

__attribute__((noipa)) void disk_writer(int file, void *memory, long count)
{
    for (long i = 0; i < count; i++)
        must(pwrite(file, memory, PAGE, i * PAGE) == PAGE, "pwrite");
}

static void disk(long count, const char *path, int writes)
{
    char *memory = pages(1);
    memset(memory, 7, PAGE);
    int file = open(path, O_RDWR | O_DIRECT);
    must(file >= 0, "open");
    if (writes)
        disk_writer(file, memory, count);
    else
        disk_reader(file, memory, count);
    close(file);
}

/* Each a wait for something that nobody changes, until the time is over. */
__attribute__((noipa)) void futex_waiter(long count, long ms)
{
    static uint32_t word = 7;
    struct timespec time = {ms / 1000, ms % 1000 * 1000000};
    for (long i = 0; i < count; i++)
        syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 7, &time, 0, 0);
}

/* The file's lock is held by who writes from memory that is not there yet; the other writer waits for it. */
struct held {
    int file, faults;
    long ms;
    char *missing;
    volatile int is_held;
};

static void *slow_writer(void *argument)
{
    struct held *held = argument;
    must(pwrite(held->file, held->missing, PAGE, 0) == PAGE, "pwrite");
    return 0;
}

__attribute__((noipa)) void file_locker(int file)
{
    must(pwrite(file, "x", 1, 0) == 1, "pwrite");
}

static void pause_ms(long ms)
{
    struct timespec time = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&time, 0);
}

/* Whether the first thread sleeps so that no signal wakes it: nothing else here does that but the kernel's lock. */
static int main_is_blocked(void)
{
    char path[64], state = 0;
    snprintf(path, sizeof path, "/proc/self/task/%d/stat", getpid());
    FILE *stat = fopen(path, "r");
    must(stat && fscanf(stat, "%*d (%*[^)]) %c", &state) == 1, path);
    fclose(stat);
    return state == 'D';
}

/* The page comes when the other writer has waited for some time, however late that began. */
static void *late_page(void *argument)
{
    struct held *held = argument;
    static char page[PAGE] __attribute__((aligned(PAGE)));
    struct uffd_msg message;
    must(read(held->faults, &message, sizeof message) == sizeof message, "read");
    held->is_held = 1;
    while (!main_is_blocked())
        pause_ms(1);
    pause_ms(held->ms);
    struct uffdio_copy copy = {.dst = (uint64_t)held->missing, .src = (uint64_t)page, .len = PAGE};
    must(ioctl(held->faults, UFFDIO_COPY, &copy) == 0, "UFFDIO_COPY");
    return 0;
}

static void contend(long count, long ms, const char *path)
{
    int file = open(path, O_RDWR | O_CREAT, 0600), faults = syscall(SYS_userfaultfd, O_CLOEXEC);
    must(file >= 0 && faults >= 0, "open");
    struct uffdio_api api = {.api = UFFD_API};
    must(ioctl(faults, UFFDIO_API, &api) == 0, "UFFDIO_API");
    for (long i = 0; i < count; i++) {
        struct held held = {file, faults, ms, pages(1), 0};
        struct uffdio_register all = {{(uint64_t)held.missing, PAGE}, UFFDIO_REGISTER_MODE_MISSING};
        must(ioctl(faults, UFFDIO_REGISTER, &all) == 0, "UFFDIO_REGISTER");
        pthread_t writer, pager;
        pthread_create(&writer, 0, slow_writer, &held);
        pthread_create(&pager, 0, late_page, &held);
        while (!held.is_held)
            pause_ms(1);
        file_locker(file);
        pthread_join(writer, 0);
        pthread_join(pager, 0);
        munmap(held.missing, PAGE);
    }
}

__attribute__((noipa)) void mapper(long count, long bytes)
{
    for (long i = 0; i < count; i++)
        munmap(mmap(0, bytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), bytes);
}

__attribute__((noipa)) void breaker(long count, long bytes)
{
    for (long i = 0; i < count; i++)
        must(sbrk(bytes) != (void *)-1, "sbrk");
    sbrk(-count * bytes);
}

__attribute__((noipa)) void caller(long count)
{
    for (long i = 0; i < count; i++)
        syscall(SYS_getppid);
}

/* Every third one is kept. */
__attribute__((noipa)) void allocator(long count, long bytes)
{
    for (long i = 0; i < count; i++) {
        char *memory = malloc(bytes);
        *(volatile char *)memory = 1;
        if (i % 3)
            free(memory);
    }
}

/* One of each function; what realloc moves is freed, the others are kept. */
__attribute__((noipa)) void all_allocators(void)
{
    void *volatile memory[5];
    void *aligned;
    memory[0] = calloc(7, 11);
    memory[1] = realloc(malloc(13), 4001);
    memory[2] = aligned_alloc(64, 192);
    must(posix_memalign(&aligned, 64, 499) == 0, "posix_memalign");
    memory[3] = aligned;
    memory[4] = malloc(17);
    free(memory[4]);
}

__attribute__((noipa)) void called(void)
{
    __asm__ volatile("");
}

__attribute__((noipa)) void enterer(long count)
{
    for (long i = 0; i < count; i++)
        called();
}

/* A probe as sys/sdt.h makes it: a nop, and a note that tells where it is. */
__attribute__((noipa)) void passer(long count)
{
    for (long i = 0; i < count; i++)
        __asm__ volatile("990: nop\n"
                         ".pushsection .note.stapsdt,\"?\",\"note\"\n"
                         ".balign 4\n.4byte 992f-991f, 994f-993f, 3\n"
                         "991: .asciz \"stapsdt\"\n992: .balign 4\n"
                         "993: .8byte 990b, _.stapsdt.base, 0\n"
                         ".asciz \"webprof\", \"passed\", \"\"\n"
                         "994: .balign 4\n.popsection\n"
                         ".ifndef _.stapsdt.base\n"
                         ".pushsection .stapsdt.base,\"aG\",\"progbits\",.stapsdt.base,comdat\n"
                         ".weak _.stapsdt.base\n.hidden _.stapsdt.base\n"
                         "_.stapsdt.base: .space 1\n.size _.stapsdt.base, 1\n.popsection\n.endif\n");
}

int main(void)
{
    char line[4096], what[32], argument[4000];
    setvbuf(stdout, 0, _IOLBF, 0);
    while (fgets(line, sizeof line, stdin)) {
        long count = 0;
        sscanf(line, "%31s %ld %3999s", what, &count, argument);
        uint64_t began = clock_ns();
        long number = atol(argument);
        if (!strcmp(what, "touch"))
            touch(count);
        else if (!strcmp(what, "read") || !strcmp(what, "write"))
            disk(count, argument, *what == 'w');
        else if (!strcmp(what, "futex"))
            futex_waiter(count, number);
        else if (!strcmp(what, "contend"))
            contend(count, 20, argument);
        else if (!strcmp(what, "map"))
            mapper(count, number);
        else if (!strcmp(what, "break"))
            breaker(count, number);
        else if (!strcmp(what, "call"))
            caller(count);
        else if (!strcmp(what, "enter"))
            enterer(count);
        else if (!strcmp(what, "probe"))
            passer(count);
        else if (!strcmp(what, "allocate"))
            allocator(count, number);
        else if (!strcmp(what, "all"))
            all_allocators();
        printf("%lu 0\n", clock_ns() - began);
    }
    return 0;
}
