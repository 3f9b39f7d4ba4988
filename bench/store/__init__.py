"""The profile store, measured: `build` makes a fleet's day, `measure` asks, `ingest` writes while others read."""
