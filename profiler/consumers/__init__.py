"""The sockets: what pages show while it changes."""
