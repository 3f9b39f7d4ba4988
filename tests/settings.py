"""The project's settings, with data, Redis and mail of this test run only.

The environment is set before the settings are read, so that every process a test starts has the same.
"""

import os
import tempfile
from pathlib import Path

DIRECTORY = tempfile.mkdtemp(prefix="webprof-test-")
os.environ["WEBPROF_DATA"] = DIRECTORY
os.environ["WEBPROF_REDIS_URL"] = f"unix://{DIRECTORY}/redis.sock"

from webprof.settings import *  # noqa: E402, F403
from webprof.settings import DATABASES, STATIC_ROOT  # noqa: E402

# Threads of the consumers end without a word; what they leave open would keep the test database from being dropped.
DATABASES["default"]["CONN_MAX_AGE"] = 0

# A file, not memory: threads and other processes must see the same rows, with the locks of real life.
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["TEST"] = {"NAME": f"{DIRECTORY}/test.sqlite3"}
    # These rows need not survive a power cut; waiting for the disk would be most of the tests' time.
    DATABASES["default"]["OPTIONS"]["init_command"] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"

# Looks for a static file when it is asked for, not through all of them for each new client of a test.
WHITENOISE_AUTOREFRESH = True
Path(STATIC_ROOT).mkdir()
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # the slow one proves nothing here
