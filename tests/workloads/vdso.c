/* Time spent in the kernel's code that is mapped into every process: main → ask_the_time → clock_gettime. */
#include <time.h>

static volatile long sink;

__attribute__((noinline, noipa)) static void ask_the_time(void)
{
    struct timespec now;
    for (int i = 0; i < 1000; i++)
        sink += clock_gettime(CLOCK_MONOTONIC, &now);
}

int main(void)
{
    for (;;) {
        ask_the_time();
        sink++;
    }
}
