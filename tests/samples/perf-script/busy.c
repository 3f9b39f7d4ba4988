#include <time.h>
#include <stdio.h>
static inline __attribute__((always_inline)) unsigned mix(unsigned x){for(int i=0;i<40;i++){x^=x<<13;x^=x>>17;x^=x<<5;}return x;}
__attribute__((noinline)) unsigned burn(unsigned x){unsigned s=0;for(int i=0;i<20000;i++)s+=mix(x+i);return s;}
__attribute__((noinline)) unsigned outer(unsigned x){return burn(x)+1;}
__attribute__((noinline)) unsigned reading(void){FILE*f=fopen("/dev/zero","r");char b[65536];unsigned n=0;for(int i=0;i<60;i++)n+=fread(b,1,sizeof b,f);fclose(f);return n;}
int main(void){struct timespec a,b;clock_gettime(CLOCK_MONOTONIC,&a);unsigned s=0;do{s+=outer(s);s+=reading();clock_gettime(CLOCK_MONOTONIC,&b);}while((b.tv_sec-a.tv_sec)*1e3+(b.tv_nsec-a.tv_nsec)/1e6<400);return s==42;}
