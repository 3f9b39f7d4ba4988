/* x86-64. BCC sizes ring buffers in pages. */
#define PAGE_SIZE 4096
