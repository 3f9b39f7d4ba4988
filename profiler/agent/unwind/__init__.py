"""Whole user stacks without frame pointers: tables from .eh_frame that the BPF program walks with."""
