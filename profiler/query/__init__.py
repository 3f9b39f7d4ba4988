"""The read side: what pages, API and sockets show."""
