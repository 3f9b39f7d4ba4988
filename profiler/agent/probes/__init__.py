"""Runs what `profiler.probes` declares: programs at tracepoints, and what they send while somebody watches."""
