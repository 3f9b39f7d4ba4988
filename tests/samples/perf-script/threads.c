#define _GNU_SOURCE
#include <pthread.h>
#include <time.h>
static double now(void){struct timespec t;clock_gettime(CLOCK_MONOTONIC,&t);return t.tv_sec+t.tv_nsec/1e9;}
__attribute__((noinline)) unsigned spin(unsigned x){for(int i=0;i<200000;i++){x^=x<<13;x^=x>>17;x^=x<<5;}return x;}
static void*worker(void*name){pthread_setname_np(pthread_self(),name);double end=now()+0.08;unsigned s=1;while(now()<end)s+=spin(s);return (void*)(long)s;}
int main(void){pthread_t a,b;pthread_create(&a,0,worker,"pool 7 worker");pthread_create(&b,0,worker,"gc");pthread_join(a,0);pthread_join(b,0);return 0;}
