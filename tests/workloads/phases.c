/*
 * Burns CPU in `first` for a second, then in `second` for a second, and so on until killed. Each time it changes over it
 * prints when (CLOCK_MONOTONIC, ns). Stacks are main;first;store or main;second;store, as in busy.c.
 */
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#define PHASE_NS 1000000000ULL

static volatile uint64_t sink;

static uint64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000ULL + time.tv_nsec;
}

static inline __attribute__((always_inline)) void spin(uint64_t seed)
{
    uint64_t end = now() + PHASE_NS;
    while (now() < end)
        for (int i = 0; i < 1000; i++)
            sink = sink * 6364136223846793005ULL + seed;
    sink++;
}

__attribute__((noipa)) void first(void)
{
    spin(1);
}

__attribute__((noipa)) void second(void)
{
    spin(2);
}

static void tell(void)
{
    printf("%llu\n", (unsigned long long)now());
    fflush(stdout);
}

int main(void)
{
    for (;;) {
        tell();
        first();
        tell();
        second();
        sink++;
    }
}
