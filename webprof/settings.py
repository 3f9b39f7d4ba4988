"""Django's settings, all from the environment (docs/settings.md)."""

from pathlib import Path

import dj_database_url

from profiler.core.channel import (
    SERVER_QUEUE,
    TASK_CLEANUP,
    TASK_COMPACT,
    TASK_COUNTERS,
    TASK_FETCH_DEBUG_FILES,
    TASK_HISTOGRAMS,
    TASK_INGEST,
    TASK_NAME_PROFILES,
    TASK_RECONCILE,
)
from webprof import env
from webprof.secrets import KEY_FILE, secret_key
from webprof.store_setting import store_url

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = env.data_dir()
DEBUG = env.flag("WEBPROF_DEBUG")
SECRET_KEY_FILE = DATA_DIR / KEY_FILE
SECRET_KEY = env.text("WEBPROF_SECRET_KEY", "") or secret_key(DATA_DIR)
ALLOWED_HOSTS = env.text("WEBPROF_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [origin for origin in env.text("WEBPROF_TRUSTED_ORIGINS", "").split(",") if origin]

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "channels",
    "django_celery_beat",
    "ninja",
    "profiler",
    "webprof.apps.WebprofConfig",
]
MIDDLEWARE = [
    "webprof.middleware.content_security_policy",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "profiler.views.errors.ServiceErrorMiddleware",
]
ROOT_URLCONF = "webprof.urls"
ASGI_APPLICATION = "webprof.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "profiler.views.context.rights",
            ]
        },
    }
]

# Where profiles are kept when not in the data directory: s3://bucket/prefix, clickhouse://user:password@host/database.
STORE_URL = store_url()
# Django shows no setting of such a name.
STORE_OPTIONS_SECRET = env.text("WEBPROF_STORE_OPTIONS", "")
STORE_CACHE_BYTES = env.number("WEBPROF_STORE_CACHE_GIB", 10, 1, 100_000) * 2**30

DATABASE_URL = env.text("DATABASE_URL", f"sqlite:///{DATA_DIR / 'webprof.sqlite3'}")
DATABASES = {"default": dj_database_url.parse(DATABASE_URL, conn_max_age=60)}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # WAL lets pages read while the worker writes; IMMEDIATE makes writers queue instead of failing half-way.
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.redis_url()
# No socket timeout: redis-py's default is as long as the layer's blocking reads, which then end as errors. And on
# Python 3.11 a write under asyncio.wait_for can swallow the cancellation of a closed socket's reader, which then stays.
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        "CONFIG": {"hosts": [{"address": REDIS_URL, "socket_timeout": None}]},
    }
}
CELERY_BROKER_URL = env.broker_url()
CELERY_TASK_DEFAULT_QUEUE = SERVER_QUEUE
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_BEAT_SCHEDULE = {
    # Agents nudge the server after each message; these catch what a lost nudge would leave.
    "ingest": {"task": TASK_INGEST, "schedule": 5.0, "options": {"expires": 5}},
    "reconcile": {"task": TASK_RECONCILE, "schedule": 5.0, "options": {"expires": 5}},
    # Both are woken when there is something to do; these catch what a lost wake-up would leave.
    "name profiles": {"task": TASK_NAME_PROFILES, "schedule": 60.0, "options": {"expires": 60}},
    "fetch debug files": {"task": TASK_FETCH_DEBUG_FILES, "schedule": 600.0, "options": {"expires": 600}},
    "compact": {"task": TASK_COMPACT, "schedule": 30.0, "options": {"expires": 30}},
    "histograms": {"task": TASK_HISTOGRAMS, "schedule": 30.0, "options": {"expires": 30}},
    "counters": {"task": TASK_COUNTERS, "schedule": 30.0, "options": {"expires": 30}},
    "cleanup": {"task": TASK_CLEANUP, "schedule": 600.0, "options": {"expires": 600}},
}
# Sending a task to a Redis that is gone must fail while the person still looks at the page.
# `max_retries` and the intervals are of connecting; without them a refusal is known after six seconds of waiting.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_connect_timeout": 3,
    "socket_timeout": 30,
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
}
# Python keeps what a large profile needed; a worker process that has grown this much is replaced by a fresh one.
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 1_000_000  # KiB
# A worker that holds several entries while it works on one would let the others wait.
CELERY_WORKER_PREFETCH_MULTIPLIER = 1

# Where names of functions come from: uploaded debug files, and servers that are asked for them.
DEBUG_FILES_BYTES = env.number("WEBPROF_DEBUG_FILES_GIB", 20, 1, 100_000) * 2**30
DEBUGINFOD_URLS = env.urls("WEBPROF_DEBUGINFOD_URLS")

# How long 60-second checks are kept.
CHECKUP_DAYS = env.number("WEBPROF_CHECKUP_DAYS", 90, 1, 3650)

AUTH_PASSWORD_VALIDATORS = [{"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"}]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "hosts"
LOGOUT_REDIRECT_URL = "login"
CSRF_FAILURE_VIEW = "profiler.views.errors.csrf_failure"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = env.flag("WEBPROF_HTTPS")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.flag("WEBPROF_HTTPS") else None
SECURE_REFERRER_POLICY = "same-origin"  # share links must not leak through Referer
X_FRAME_OPTIONS = "DENY"
# Sites that may show share links in a frame (/embed/…); none may show anything else.
EMBED_ORIGINS = env.origins("WEBPROF_EMBED_ORIGINS")

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = DATA_DIR / "static"
# Files of a form wait beside those that are taken in; what is left of them goes with those that belong to none.
FILE_UPLOAD_TEMP_DIR = DATA_DIR / "uploads"
FILE_UPLOAD_TEMP_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)  # Django makes no directory
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "webprof.staticfiles.ModuleStaticFilesStorage"},
}
# Until `collectstatic` has run, files are served as they lie in the checkout.
WHITENOISE_USE_FINDERS = DEBUG or not (STATIC_ROOT / "staticfiles.json").exists()
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_ALLOW_ALL_ORIGINS = False
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
