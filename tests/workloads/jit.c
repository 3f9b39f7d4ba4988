/*
 * Runs code that it has written into anonymous memory, and says so in a perf map, as a just-in-time compiler does.
 * The loop counts its argument down; it needs no frame, so its caller is the frame above.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* mov %rdi,%rax; 1: dec %rax; jne 1b; ret */
static const unsigned char loop[] = {0x48, 0x89, 0xf8, 0x48, 0xff, 0xc8, 0x75, 0xfb, 0xc3};

int main(void)
{
    unsigned char *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (code == MAP_FAILED)
        return 1;
    memcpy(code, loop, sizeof(loop));
    char path[64];
    snprintf(path, sizeof(path), "/tmp/perf-%d.map", getpid());
    FILE *map = fopen(path, "w");
    if (!map)
        return 1;
    fprintf(map, "%lx %zx compiled_loop\n", (unsigned long)code, sizeof(loop));
    fclose(map);
    for (;;)
        ((void (*)(uint64_t))code)(1000000);
}
