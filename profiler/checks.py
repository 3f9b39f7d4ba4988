"""Misconfiguration, said before it hurts: `manage.py check --deploy` and every start."""

import os
import stat
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register

REDIS_SCHEMES = ("redis", "rediss", "unix")


@register()
def redis_url(**_: Any) -> list[CheckMessage]:
    scheme = urlsplit(settings.REDIS_URL).scheme
    if scheme in REDIS_SCHEMES:
        return []
    hint = "Set WEBPROF_REDIS_URL to redis://host:6379/0, rediss://… or unix:///path/to/redis.sock."
    return [Error(f"WEBPROF_REDIS_URL has the scheme {scheme!r}, which is not Redis.", hint, id="profiler.E001")]


@register()
def data_directory(**_: Any) -> list[CheckMessage]:
    path = Path(settings.DATA_DIR)
    if path.is_dir() and os.access(path, os.W_OK | os.X_OK):
        return []
    hint = "Make it, give it to the user that runs the server, or set WEBPROF_DATA to another place."
    return [Error(f"The data directory {path} can't be written.", hint, id="profiler.E002")]


@register(Tags.security)
def secret_key_file(**_: Any) -> list[CheckMessage]:
    path = Path(settings.SECRET_KEY_FILE)
    if not path.exists() or not path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        return []
    hint = f"chmod 600 {path}; when somebody may have read it, delete it: everyone logs in again."
    return [Error(f"Others can read {path}, with which anyone's session can be forged.", hint, id="profiler.E003")]


@register(Tags.security)
def debug_in_public(**_: Any) -> list[CheckMessage]:
    local = {"localhost", "127.0.0.1", "[::1]"}
    if not settings.DEBUG or set(settings.ALLOWED_HOSTS) <= local:
        return []
    hint = "Unset WEBPROF_DEBUG: its error pages show settings and data to everyone."
    return [Error("WEBPROF_DEBUG is on while other machines may connect.", hint, id="profiler.E004")]


@register(Tags.security, deploy=True)
def plain_http(**_: Any) -> list[CheckMessage]:
    if settings.SESSION_COOKIE_SECURE:
        return []
    hint = "Put a proxy with a certificate in front and set WEBPROF_HTTPS=1."
    return [checks.Warning("Sessions travel over plain HTTP.", hint, id="profiler.W001")]
