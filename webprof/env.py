"""Settings come from the environment; a wrong value stops the start with its name and what was expected."""

import os
import re
from pathlib import Path
from urllib.parse import urlsplit

# As a content policy writes them: https://wiki.example.com, https://*.example.com, http://127.0.0.1:*
ORIGIN = re.compile(r"https?://(?:\*\.)?[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::(?:\d{1,5}|\*))?")


class SettingError(Exception):
    """An environment variable has a value that can't be used."""


def text(name: str, default: str) -> str:
    return os.environ.get(name, default)


def flag(name: str, *, default: bool = False) -> bool:
    value = os.environ.get(name)
    if value is None:
        return default
    if value.lower() in ("1", "true", "yes", "on"):
        return True
    if value.lower() in ("0", "false", "no", "off", ""):
        return False
    raise SettingError(f"{name}={value!r}: expected 1 or 0")


def number(name: str, default: int, low: int, high: int) -> int:
    value = os.environ.get(name, str(default))
    if not value.isdecimal() or not low <= int(value) <= high:
        raise SettingError(f"{name}={value!r}: expected a whole number from {low} to {high}")
    return int(value)


def urls(name: str) -> tuple[str, ...]:
    """Addresses of servers, separated by spaces or commas; none when it is not set."""
    found = os.environ.get(name, "").replace(",", " ").split()
    for url in found:
        try:
            parts = urlsplit(url)
            usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        except ValueError:
            usable = False
        if not usable or parts.username or parts.query or parts.fragment:
            raise SettingError(
                f"{name}: {url!r} is not the address of a server: expected https://host or http://host:port"
            )
    return tuple(url.rstrip("/") for url in found)


def origins(name: str) -> tuple[str, ...]:
    """Sites, separated by spaces or commas; none when it is not set. Only these characters: they go into a header."""
    found = os.environ.get(name, "").replace(",", " ").split()
    for origin in found:
        if not ORIGIN.fullmatch(origin):
            raise SettingError(
                f"{name}: {origin!r} is not a site: expected https://wiki.example.com or https://*.example.com"
            )
    return tuple(found)


def data_dir() -> Path:
    """Where everything that is not code lives: WEBPROF_DATA, or var/ in the checkout."""
    default = Path(__file__).resolve().parent.parent / "var"
    return Path(os.environ.get("WEBPROF_DATA") or default).absolute()


def redis_url() -> str:
    """WEBPROF_REDIS_URL, or the socket of the instance that `webprof up` starts."""
    return os.environ.get("WEBPROF_REDIS_URL") or f"unix://{data_dir() / 'redis' / 'redis.sock'}"


def broker_url(url: str | None = None) -> str:
    """Celery's spelling of a Redis URL, by default of `redis_url`."""
    url = url or redis_url()
    return url.replace("unix://", "redis+socket://", 1) if url.startswith("unix://") else url
