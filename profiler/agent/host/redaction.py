"""Passwords that people put on command lines do not leave the host."""

import re

HIDDEN = "***"
_WORDS = r"(?:passw(?:or)?d|secret|token|api[-_]?key|access[-_]?key|credential|private[-_]?key)"
# Most lines have none of these: asking first makes a heartbeat of 200 processes ten times cheaper.
_SUSPICIOUS = re.compile(rf"(?i)@|{_WORDS}")
_NAME = rf"[\w.-]*{_WORDS}[\w.-]*"
# --db-password=x, --token x, -Dpassword=x, DB_PASSWORD=x; "password": "x" of JSON, however it is quoted.
_OPTION = re.compile(
    rf"(?i)((?<![\w.-])-{{1,2}}{_NAME}(?:=|\s+)|(?<![\w.-]){_NAME}=)(?!-)(\"[^\"]*\"|'[^']*'|[^\s\"',]+)"
)
_FIELD = re.compile(rf"(?i)([\"']{_NAME}[\"']\s*:\s*)(\"[^\"]*\"|'[^']*'|[^\s\"',}}]+)")
# postgres://user:password@host, redis://:password@host
_URL = re.compile(r"(://[^\s/:@]*:)[^\s/@]+(?=@)")


def hide_secrets(command_line: str) -> str:
    """The values of options, variables and fields that are named like secrets, and passwords in URLs, become `***`.

    A guess by names: a secret that is a plain argument stays.
    """
    if not _SUSPICIOUS.search(command_line):
        return command_line
    hidden = _URL.sub(rf"\1{HIDDEN}", command_line)
    hidden = _FIELD.sub(rf"\1{HIDDEN}", hidden)
    return _OPTION.sub(rf"\1{HIDDEN}", hidden)
