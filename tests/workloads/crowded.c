/*
 * Runs code of its own file that it has mapped 5,000 times more, in the last of these places. The function needs no
 * memory but its stack, so a copy of it works anywhere.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>

#define MAPPINGS 5000
#define PAGE 4096

extern const char __ehdr_start;

__attribute__((noinline, aligned(PAGE))) static void burn(void)
{
    for (volatile unsigned long n = 0; n < 100000000; n++)
        ;
}

int main(void)
{
    int file = open("/proc/self/exe", O_RDONLY);
    void *copy = NULL;
    for (int i = 0; i < MAPPINGS; i++) {
        /* The same page each time: neighbours do not become one mapping. */
        copy = mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE, file, (const char *)burn - &__ehdr_start);
        if (copy == MAP_FAILED)
            return 1;
    }
    puts("ready");
    fflush(stdout);
    for (;;)
        ((void (*)(void))copy)();
}
