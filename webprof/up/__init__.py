"""The pieces of `webprof up`: one machine, one command, everything supervised."""
