"""Secrets that open something: share links, login links, API tokens."""

from profiler.sharing.checkups import (
    checkup_shares_of,
    create_checkup_share,
    open_checkup_share,
    profile_in,
    revoke_checkup_share,
)
from profiler.sharing.login import consume_login_link, create_login_link
from profiler.sharing.shares import create_share, open_share, revoke_share, shares_of
from profiler.sharing.tokens import authenticate_token, create_token, revoke_token

__all__ = [
    "authenticate_token",
    "checkup_shares_of",
    "consume_login_link",
    "create_checkup_share",
    "create_login_link",
    "create_share",
    "create_token",
    "open_checkup_share",
    "open_share",
    "profile_in",
    "revoke_checkup_share",
    "revoke_share",
    "revoke_token",
    "shares_of",
]
