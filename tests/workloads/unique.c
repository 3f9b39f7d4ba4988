/*
 * Hardly two samples have the same stack: chains of calls through functions chosen at random, some tens of
 * microseconds each. Takes how many threads to run.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>

#define KEEP __attribute__((noinline, noclone, noipa))
#define DEPTH 24

typedef void step(uint64_t *random, int depth);

static volatile unsigned long sink;
static step *const steps[8];

static uint64_t next(uint64_t *random)
{
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    return *random;
}

KEEP static void burn(uint64_t *random)
{
    for (int i = 0; i < 20000; i++)
        sink += next(random);
}

static inline void go_on(uint64_t *random, int depth)
{
    if (depth == DEPTH)
        burn(random);
    else
        steps[next(random) & 7](random, depth + 1);
    sink++; /* after the call: no tail call */
}

#define STEP(name) KEEP static void name(uint64_t *random, int depth) { go_on(random, depth); }
STEP(one) STEP(two) STEP(three) STEP(four) STEP(five) STEP(six) STEP(seven) STEP(eight)
static step *const steps[8] = {one, two, three, four, five, six, seven, eight};

static void *work(void *seed)
{
    uint64_t random = 88172645463325252ULL * (uintptr_t)seed;
    for (;;)
        go_on(&random, 0);
    return 0;
}

int main(int argc, char **argv)
{
    pthread_t thread;
    for (long i = 1; i < (argc > 1 ? atoi(argv[1]) : 1); i++)
        pthread_create(&thread, 0, work, (void *)(2 * i + 1));
    work((void *)1);
    return 0;
}
