/* Two busy threads, `first` and `second` (or as the argument says), that print their thread ids and burn CPU until killed. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

static volatile uint64_t sink;

static void *burn(void *name)
{
    pthread_setname_np(pthread_self(), name);
    printf("%s %d\n", (char *)name, gettid());
    fflush(stdout);
    for (;;)
        sink++;
    return NULL;
}

int main(int count, char **arguments)
{
    pthread_t first;
    pthread_create(&first, NULL, burn, "first");
    burn(count > 1 ? arguments[1] : "second");
}
