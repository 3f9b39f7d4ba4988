/*
 * Keeps what walks need to know of processes as these come and go: for programs that take a stack now and then, and share
 * the tables of one walk (-DWALK_SHARED). It takes none itself.
 */
static __always_inline void stack_taken(struct scratch *scratch)
{
    (void)scratch;
}
