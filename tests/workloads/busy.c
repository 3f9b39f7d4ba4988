/*
 * Burns CPU in known functions until killed: three quarters in `heavy`, one quarter in `light`. A turn
 * takes microseconds, so that no sampling period keeps step with it.
 * Built with frame pointers, so every stack is main;turn;heavy or main;turn;light.
 */
#include <stdint.h>

static volatile uint64_t sink;

/* Calling something makes `heavy` and `light` keep a frame of their own; a leaf function has none. */
__attribute__((noipa)) void store(uint64_t value)
{
    sink = value;
}

static inline __attribute__((always_inline)) void spin(uint64_t rounds, uint64_t seed)
{
    uint64_t x = seed;
    for (uint64_t i = 0; i < rounds; i++)
        x = x * 6364136223846793005ULL + 1442695040888963407ULL;
    store(x);
    sink++;
}

__attribute__((noipa)) void heavy(void)
{
    spin(3000, 1);
}

__attribute__((noipa)) void light(void)
{
    spin(1000, 2);
}

__attribute__((noipa)) void turn(void)
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
