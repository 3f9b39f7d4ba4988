/*
 * BCC's headers choose between helper variants by this number. The newest variants are right for every kernel
 * that has a BPF ring buffer (5.8), which our programs need anyway.
 */
#define KERNEL_VERSION(a, b, c) (((a) << 16) + ((b) << 8) + (c))
#define LINUX_VERSION_CODE KERNEL_VERSION(5, 8, 0)
