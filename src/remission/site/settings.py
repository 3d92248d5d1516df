"""How Django runs here: loopback only, no database of its own (see `remission.home`), sessions in memory, no other host."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

_HERE = Path(__file__).parent

SECRET_KEY = secrets.token_urlsafe(50)  # sessions live as long as the server does
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]  # a name that only pretends to be this machine (DNS rebinding) is refused

INSTALLED_APPS = ["django.contrib.sessions", "remission.site"]
MIDDLEWARE = [
    "remission.site.middleware.safe_headers",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
]
ROOT_URLCONF = "remission.site.urls"
WSGI_APPLICATION = "remission.site.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [_HERE / "templates"],
        "OPTIONS": {
            "builtins": ["remission.site.templatetags.told"],
            "loaders": [("django.template.loaders.cached.Loader", ["django.template.loaders.filesystem.Loader"])],
        },
    }
]

# What is typed into the risk questions is in the memory of this process and nowhere else; it is gone when it stops.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 1000}}}
SESSION_ENGINE = "django.contrib.sessions.backends.cache"
# Cookies know no ports: two servers on one machine would throw away each other's sessions under one name.
SESSION_COOKIE_NAME = f"remission-{os.environ.get('REMISSION_PORT', '')}".rstrip("-")
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_USE_SESSIONS = True  # no second cookie
CSRF_FAILURE_VIEW = "remission.site.views.problems.form_expired"
DATA_UPLOAD_MAX_MEMORY_SIZE = 8_000_000  # a file of counts is carried along while it is looked at
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]  # nothing of a family lies in a temporary folder
FILE_UPLOAD_MAX_MEMORY_SIZE = 60_000_000

# The server listens on this machine alone and speaks plain HTTP to it: there is no TLS to insist on.
SILENCED_SYSTEM_CHECKS = ["security.W004", "security.W008", "security.W012"]
SECURE_REFERRER_POLICY = "same-origin"

WHITENOISE_ROOT = _HERE / "static" / "remission"  # look.css and the rest, at the root
WHITENOISE_MAX_AGE = 31_536_000  # their addresses carry the version of the knowledge
STATIC_URL = "/static/"
USE_TZ = True
TIME_ZONE = None  # the clock of this machine: "today" is the family's own
USE_I18N = False  # both languages are in the library, side by side
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"terminal": {"class": "logging.StreamHandler"}},
    "loggers": {"django": {"handlers": ["terminal"], "level": "ERROR", "propagate": False}, "waitress": {"level": "ERROR"}},
}
