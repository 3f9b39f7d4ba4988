/*
 * Works in `heavy` for three quarters of each period of the clock, in `light` for the rest: alternate PERIOD_NS
 * On SIGTERM it tells how long it ran in each since SIGUSR1, in nanoseconds; times when it was on no CPU are left out.
 */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* A turn takes a microsecond or two; what takes longer was interrupted. */
#define INTERRUPTED_NS 20000

static volatile uint64_t sink;
static volatile sig_atomic_t asked_to_end;
static volatile uint64_t spent[2];

static void end(int signal)
{
    (void)signal;
    asked_to_end = 1;
}

static void begin(int signal)
{
    (void)signal;
    spent[0] = spent[1] = 0;
}

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

static inline __attribute__((always_inline)) void spin(uint64_t x)
{
    for (int i = 0; i < 1000; i++)
        x = x * 6364136223846793005ULL + 1442695040888963407ULL;
    sink = x;
}

__attribute__((noipa)) void heavy(void)
{
    spin(1);
}

__attribute__((noipa)) void light(void)
{
    spin(2);
}

int main(int count, char **arguments)
{
    uint64_t period = count > 1 ? strtoull(arguments[1], 0, 10) : 1000000;
    signal(SIGTERM, end);
    signal(SIGUSR1, begin);
    for (uint64_t before = now_ns(), after; !asked_to_end; before = after) {
        int in_light = before % period >= period / 4 * 3;
        if (in_light)
            light();
        else
            heavy();
        after = now_ns();
        if (after - before < INTERRUPTED_NS)
            spent[in_light] += after - before;
    }
    printf("%llu %llu\n", (unsigned long long)spent[0], (unsigned long long)spent[1]);
    return 0;
}
