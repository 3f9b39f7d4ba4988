"""Loads BPF programs and reads what they send."""
