"""bpftrace programs on chosen hosts: started, followed, kept; a right of its own (access.tracer)."""
