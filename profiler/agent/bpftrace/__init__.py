"""Runs bpftrace programs on hosts whose agent was started to allow it."""
