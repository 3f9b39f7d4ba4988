"""What bpftrace prints with `-f json`, as results; and the messages with which a program is asked for and answered."""
