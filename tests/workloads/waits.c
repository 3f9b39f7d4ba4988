/*
 * Waits in known functions, once for each line on stdin: sleep COUNT MS | lock COUNT MS | disk COUNT FILE | burn MS - |
 * ping COUNT - (one thread wakes another, which waits each time) | threads 0 FILE (five threads, each at one of these,
 * until the end) | ways COUNT FIRST (each time by calls that no other time has) | rest 0 - (a thread waits until the end).
 * Then it tells on stdout how long it was at it and how much of that it was on a CPU, in nanoseconds.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static volatile int held;

static uint64_t clock_ns(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

static void pause_ms(long ms)
{
    struct timespec time = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&time, 0);
}

__attribute__((noipa)) void sleeper(long count, long ms)
{
    for (long i = 0; i < count; i++)
        pause_ms(ms);
}

static void *holder(void *ms)
{
    pthread_mutex_lock(&mutex);
    held = 1;
    pause_ms((long)ms);
    pthread_mutex_unlock(&mutex);
    return 0;
}

__attribute__((noipa)) void locker(void)
{
    pthread_mutex_lock(&mutex);
    pthread_mutex_unlock(&mutex);
}

static void contend(long count, long ms)
{
    for (long i = 0; i < count; i++) {
        pthread_t thread;
        held = 0;
        pthread_create(&thread, 0, holder, (void *)ms);
        while (!held)
            pause_ms(1);
        locker();
        pthread_join(thread, 0);
    }
}

__attribute__((noipa)) void writer(long count, const char *file)
{
    int descriptor = open(file, O_CREAT | O_WRONLY, 0600);
    for (long i = 0; i < count; i++)
        if (write(descriptor, &i, sizeof(i)) < 0 || fsync(descriptor))
            exit(1);
    close(descriptor);
}

__attribute__((noipa)) void burner(long ms)
{
    uint64_t end = clock_ns(CLOCK_THREAD_CPUTIME_ID) + ms * 1000000ULL;
    while (clock_ns(CLOCK_THREAD_CPUTIME_ID) < end)
        ;
}

static int wire[2];
static volatile int ponger_tid;

__attribute__((noipa)) static void *ponger(void *count)
{
    char byte;
    ponger_tid = gettid();
    for (long i = 0; i < (long)count; i++)
        if (read(wire[0], &byte, 1) != 1)
            exit(1);
    return 0;
}

static int sleeps(int tid)
{
    char name[64], state = 0;
    snprintf(name, sizeof(name), "/proc/self/task/%d/stat", tid);
    FILE *file = fopen(name, "r");
    int known = file && fscanf(file, "%*d (%*[^)]) %c", &state) == 1;
    if (file)
        fclose(file);
    return known && state == 'S';
}

__attribute__((noipa)) void pinger(long count)
{
    pthread_t thread;
    ponger_tid = 0;
    if (pipe(wire) || pthread_create(&thread, 0, ponger, (void *)count))
        exit(1);
    for (long i = 0; i < count; i++) {
        while (!ponger_tid || !sleeps(ponger_tid))
            pause_ms(1);
        if (write(wire[1], "", 1) != 1)
            exit(1);
    }
    pthread_join(thread, 0);
}

static void *sleeps_on(void *unused)
{
    for (;;)
        sleeper(1, 5);
    return unused;
}

static void *locks_on(void *unused)
{
    for (;;) {
        locker();
        pthread_mutex_lock(&mutex);
        pause_ms(3);
        pthread_mutex_unlock(&mutex);
    }
    return unused;
}

static void *writes_on(void *file)
{
    for (;;)
        writer(1, file);
    return 0;
}

static void *burns_on(void *unused)
{
    for (;;)
        burner(1000);
    return unused;
}

/* Each bit of `way` is a call of one function or the other. */
__attribute__((noipa)) static void left(unsigned way, int bits);
__attribute__((noipa)) static void right(unsigned way, int bits);
static volatile int calls;

__attribute__((noipa)) void way_end(void)
{
    pause_ms(1);
    calls++;
}

static void go(unsigned way, int bits)
{
    if (!bits)
        way_end();
    else if (way & 1)
        left(way >> 1, bits - 1);
    else
        right(way >> 1, bits - 1);
    calls++; /* after the call: no tail call */
}

static void left(unsigned way, int bits)
{
    go(way, bits);
    calls++;
}

static void right(unsigned way, int bits)
{
    go(way, bits);
    calls++;
}

__attribute__((noipa)) static void *rester(void *unused)
{
    for (;;)
        pause();
    return unused;
}

static void start(void *(*function)(void *), const char *argument)
{
    pthread_t thread;
    if (pthread_create(&thread, 0, function, (void *)argument))
        exit(1);
}

static void start_threads(const char *file)
{
    static char kept[512];
    strcpy(kept, file);
    start(sleeps_on, 0);
    start(locks_on, 0);
    start(locks_on, 0);
    start(writes_on, kept);
    start(burns_on, 0);
}

static void one(const char *what, long count, const char *argument)
{
    if (!strcmp(what, "sleep"))
        sleeper(count, atol(argument));
    else if (!strcmp(what, "lock"))
        contend(count, atol(argument));
    else if (!strcmp(what, "disk"))
        writer(count, argument);
    else if (!strcmp(what, "burn"))
        burner(count);
    else if (!strcmp(what, "ping"))
        pinger(count);
    else if (!strcmp(what, "threads"))
        start_threads(argument);
    else if (!strcmp(what, "ways"))
        for (long i = 0; i < count; i++)
            go(atol(argument) + i, 16);
    else if (!strcmp(what, "rest"))
        start(rester, 0);
}

int main(void)
{
    char what[16], argument[512];
    long count;
    while (scanf("%15s %ld %511s", what, &count, argument) == 3) {
        uint64_t began = clock_ns(CLOCK_MONOTONIC), cpu = clock_ns(CLOCK_THREAD_CPUTIME_ID);
        one(what, count, argument);
        cpu = clock_ns(CLOCK_THREAD_CPUTIME_ID) - cpu;
        printf("%llu %llu\n", (unsigned long long)(clock_ns(CLOCK_MONOTONIC) - began), (unsigned long long)cpu);
        fflush(stdout);
    }
    return 0;
}
