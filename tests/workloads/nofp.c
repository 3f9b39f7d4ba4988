/*
 * Known call chains in code without frame pointers: deep recursion, a callback through qsort, alloca, a signal
 * handler that interrupts all of it, and a second thread. Build with -O2 -fomit-frame-pointer.
 *
 * The functions must not be inlined, cloned or turned into loops, and no call may be their last act (a jump then),
 * or the chains would not be as written.
 */
#include <alloca.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#define KEEP __attribute__((noinline, noclone, noipa))

static volatile unsigned long sink;
static pthread_t first, second;

KEEP static void burn(unsigned long rounds)
{
    for (unsigned long i = 0; i < rounds; i++)
        sink += i * i;
}

KEEP static int compare(const void *a, const void *b)
{
    burn(300);
    return *(const int *)a - *(const int *)b;
}

KEEP static void sort_some(int seed)
{
    int numbers[16];
    for (int i = 0; i < 16; i++)
        numbers[i] = (seed * 31 + i * 17) % 101;
    qsort(numbers, 16, sizeof(int), compare);
    sink += numbers[0];
}

KEEP static void with_alloca(int size)
{
    char *room = alloca(size);
    memset(room, size, size);
    burn(3000);
    sink += room[size / 2];
}

KEEP static void descend(int depth)
{
    if (depth > 0) {
        descend(depth - 1);
        sink++; /* after the call: no tail call */
        return;
    }
    burn(3000);
    sort_some((int)sink);
    with_alloca(1000 + (int)(sink % 1000));
    sink++;
}

/* The timer's signal goes to whichever thread the kernel chooses, mostly the first: this one hands it on. */
KEEP static void handle_signal(int number)
{
    if (pthread_equal(pthread_self(), first))
        pthread_kill(second, number);
    burn(200000);
    sink++;
}

KEEP static void *work(void *unused)
{
    (void)unused;
    for (;;) {
        descend(40);
        sink++;
    }
    return 0;
}

int main(void)
{
    struct itimerval often = {{0, 2000}, {0, 2000}};
    first = pthread_self();
    pthread_create(&second, 0, work, 0);
    signal(SIGPROF, handle_signal);
    setitimer(ITIMER_PROF, &often, 0);
    work(0);
    return 0;
}
