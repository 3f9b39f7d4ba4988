/* Burns CPU in stacks that are hardly ever the same twice: 40 calls, each of one of two functions, by chance. */
#include <stdint.h>

#define DEPTH 40

static volatile uint64_t sink;
static uint64_t state = 88172645463325252ULL;

static uint64_t next(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    return state ^= state << 17;
}

void odd(int depth, uint64_t bits);

__attribute__((noipa)) void even(int depth, uint64_t bits)
{
    if (depth == 0)
        for (int i = 0; i < 3000; i++)
            sink += i;
    else if (bits & 1)
        odd(depth - 1, bits >> 1);
    else
        even(depth - 1, bits >> 1);
    sink++;
}

__attribute__((noipa)) void odd(int depth, uint64_t bits)
{
    even(depth ? depth - 1 : 0, bits >> 1);
    sink++;
}

int main(void)
{
    for (;;)
        even(DEPTH, next());
}
