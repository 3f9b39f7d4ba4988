"""How results reach the server, once and whole."""
