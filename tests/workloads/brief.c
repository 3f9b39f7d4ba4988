/* Burns CPU for some milliseconds and ends: main → burn. */
static volatile unsigned long sink;

__attribute__((noinline, noipa)) static void burn(void)
{
    for (unsigned long i = 0; i < 3000000; i++)
        sink += i * i;
}

int main(void)
{
    burn();
    sink++;
    return 0;
}
