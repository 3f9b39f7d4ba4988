/* Short-lived children without exec, one after another: main → child → burn in each of them. */
#include <sys/wait.h>
#include <unistd.h>

static volatile unsigned long sink;

__attribute__((noinline, noipa)) static void burn(void)
{
    for (unsigned long i = 0; i < 5000000; i++)
        sink += i * i;
}

__attribute__((noinline, noipa)) static void child(void)
{
    burn();
    sink++;
}

int main(void)
{
    for (;;) {
        int pid = fork();
        if (pid == 0) {
            child();
            _exit(0);
        }
        waitpid(pid, 0, 0);
    }
}
