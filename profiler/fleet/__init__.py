"""What is wanted of all hosts: where continuous profiling runs, and which service a process is of."""
