/* Calls hit(i) as often as its argument says, once for each line that it reads: main → round → hit. Stays until EOF. */
#include <stdio.h>
#include <stdlib.h>

__attribute__((noinline, noipa)) void hit(long number)
{
    __asm__ volatile("" ::"r"(number));
}

__attribute__((noinline, noipa)) static void round_of(long count)
{
    for (long i = 0; i < count; i++)
        hit(i);
}

int main(int argc, char **argv)
{
    long count = argc > 1 ? atol(argv[1]) : 1;
    char line[16];
    while (fgets(line, sizeof line, stdin)) {
        round_of(count);
        puts("done");
        fflush(stdout);
    }
    return 0;
}
