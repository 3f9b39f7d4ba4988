"""The key that signs sessions: made once, kept in the data directory, readable by its owner only."""

import os
import secrets
from pathlib import Path

KEY_FILE = "secret_key"


def secret_key(data_dir: Path) -> str:
    """The stored key; made on first use. Safe when several processes start at once."""
    path = data_dir / KEY_FILE
    data_dir.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(f".{os.getpid()}")
    if not path.exists():
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
        try:
            os.link(fresh, path)  # the first process wins, the others read what it wrote
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text()
