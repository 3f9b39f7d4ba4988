"""What stops a start: messages for the person at the terminal."""


class UpError(Exception):
    """Something must be changed before webprof can run; the message says what."""
