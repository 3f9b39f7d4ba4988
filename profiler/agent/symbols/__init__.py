"""Addresses to frames: ELF symbol tables, the kernel's own, and perf maps of just-in-time compilers."""
