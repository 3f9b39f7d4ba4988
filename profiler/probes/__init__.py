"""One folder per probe: its declaration (`__init__.py`, which has `PROBE`), its program (`program.c`), its decoder."""
