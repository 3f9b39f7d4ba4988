"""The host side: samples this host and sends profiles. Imports no Django."""
