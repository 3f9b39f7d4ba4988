/*
 * Burns CPU in known functions until killed: three quarters of the turns' work in `heavy`, one quarter in `light`.
 * Built with frame pointers, so every stack is main;turn;heavy or main;turn;light.
 */
#include <stdint.h>

static volatile uint64_t sink;

static inline __attribute__((always_inline)) void spin(uint64_t rounds, uint64_t seed)
{
    uint64_t x = seed;
    for (uint64_t i = 0; i < rounds; i++)
        x = x * 6364136223846793005ULL + 1442695040888963407ULL;
    sink = x;
}

__attribute__((noinline)) void heavy(void)
{
    spin(300000, 1);
    sink++;
}

__attribute__((noinline)) void light(void)
{
    spin(100000, 2);
    sink++;
}

__attribute__((noinline)) void turn(void)
{
    heavy();
    light();
    sink++;
}

int main(void)
{
    for (;;)
        turn();
}
