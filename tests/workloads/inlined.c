/* Where spin() runs at -O2, two functions are inlined that people wrote as functions. */
#include <stdio.h>
#include <stdlib.h>

static inline unsigned mix(unsigned x)
{
    x ^= x >> 3;
    x *= 2654435761u;
    return x ^ x >> 15;
}

static unsigned twice(unsigned x)
{
    return mix(x) + mix(x + 1);
}

__attribute__((noinline)) unsigned spin(unsigned rounds, unsigned sum)
{
    for (unsigned i = 0; i < rounds; i++)
        sum += twice(sum + i);
    return sum;
}

int main(int argc, char **argv)
{
    unsigned endless = argc < 2;
    volatile unsigned sum = 0;
    do
        sum = spin(argc < 2 ? 1000000 : atoi(argv[1]), sum);
    while (endless);
    printf("%u\n", sum);
    return 0;
}
