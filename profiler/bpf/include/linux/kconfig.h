/* BCC refuses to compile unless the configuration says that bpf(2) exists. */
#define CONFIG_BPF_SYSCALL 1
