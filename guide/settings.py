"""Settings, all from the environment; a wrong value stops the start with a sentence."""

from __future__ import annotations

import secrets
from pathlib import Path
from urllib.parse import urlparse

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from guide.environment import (
    broker_socket,
    data_dir,
    database,
    flag,
    hosts,
    loopback_only,
    mail,
    number,
    one_of,
    price_list,
    text,
)
from guide.logs import logging_of

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = data_dir(BASE_DIR)
DEBUG = flag("DEBUG", default=False)
SITE_URL = text("SITE_URL", f"http://127.0.0.1:{text('PORT', '8000')}")


def _secret_key() -> str:
    """From the environment, or made once and kept beside the data."""
    given = text("SECRET_KEY", "")
    if given:
        return given
    kept = DATA_DIR / "secret_key"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.touch(mode=0o600)
        kept.write_text(secrets.token_urlsafe(48))
    return kept.read_text().strip()


SECRET_KEY = _secret_key()
ALLOWED_HOSTS = hosts("ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = [SITE_URL]

# An embedded site serves its own machine and one visitor's browser: anybody who reaches it may
# start a run on hosts that accept visitors. A site on the net says OPEN_RUNS=0.
OPEN_RUNS = flag("OPEN_RUNS", default=True)
# Whether visitors may also have engines of gigabytes installed on such a host, where its owner lets
# them: unless somebody says so, only on a site that nobody but this machine reaches.
OPEN_INSTALLS = flag("OPEN_INSTALLS", default=OPEN_RUNS and loopback_only(SITE_URL, ALLOWED_HOSTS))

# Whether everybody who reaches the site may have its own machines measure again and again: only
# where nobody but this machine reaches it, unless somebody says so.
OPEN_SCHEDULES = flag(
    "OPEN_SCHEDULES", default=OPEN_RUNS and loopback_only(SITE_URL, ALLOWED_HOSTS)
)

# What machines cost, as an admin says; nothing is assumed. recommender/price_list.py has the form.
PRICE_LIST = price_list(
    Path(text("PRICES", str(DATA_DIR / "prices.toml"))), named=bool(text("PRICES", ""))
)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "csp",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "benchruns",
    "guide",
]

MIDDLEWARE = [
    "guide.traced.Traced",
    "guide.probes.Probes",
    "guide.metrics.Timed",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "guide.not_allowed.explained",
]

ROOT_URLCONF = "guide.urls"
ASGI_APPLICATION = "guide.asgi.application"

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
            ],
        },
    },
]

# Accounts, which nobody needs to use the guide:
# docs/adr/0018-accounts-by-allauth-permissions-by-one-table.md.
SIGNUP = one_of("SIGNUP", ("open", "invited", "closed"), "invited")
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in {
        "UserAttributeSimilarityValidator": {},
        "MinimumLengthValidator": {"min_length": 10},
        "CommonPasswordValidator": {},
    }.items()
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "account"
ACCOUNT_ADAPTER = "guide.accounts.adapter.Adapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_EMAIL_NOTIFICATIONS = True  # of a new password, a second factor
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_DEFAULT_HTTP_PROTOCOL = urlparse(SITE_URL).scheme
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "RigGuide"
# A used code is remembered for its own half minute and no longer: it must not be good after that.
MFA_TOTP_TOLERANCE = 0
# Browsers take passkeys over plain HTTP from localhost alone.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = loopback_only(SITE_URL, ALLOWED_HOSTS)

MAIL = mail(text("EMAIL_URL", ""))
EMAIL_IS_SENT = MAIL.is_sent
EMAIL_BACKEND, EMAIL_HOST, EMAIL_PORT = MAIL.backend, MAIL.host, MAIL.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = MAIL.user, MAIL.password
EMAIL_USE_TLS, EMAIL_USE_SSL, EMAIL_TIMEOUT = MAIL.starttls, MAIL.tls, 10
DEFAULT_FROM_EMAIL = text("EMAIL_FROM", f"RigGuide <rigguide@{urlparse(SITE_URL).hostname}>")
# Where no mail leaves, nobody could confirm an address before switching on a second factor.
MFA_ALLOW_UNVERIFIED_EMAIL = not EMAIL_IS_SENT

DATABASES = {"default": database(DATA_DIR)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = Path(text("STATIC_ROOT", str(DATA_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if DEBUG
            else "whitenoise.storage.CompressedManifestStaticFilesStorage"
        )
    },
}

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    },
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if urlparse(SITE_URL).scheme == "https":
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

REDIS_URL = text("REDIS_URL", f"redis+socket://{broker_socket(DATA_DIR)}")
if urlparse(REDIS_URL).scheme not in {"redis", "rediss", "redis+socket"}:
    raise ImproperlyConfigured(
        f"REDIS_URL is {REDIS_URL!r}; it must begin with redis://, rediss:// or redis+socket://"
    )
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# Celery inside the site. Each line is there because of a fault seen when it was missing:
# docs/adr/0003-celery-on-the-site.md.
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_TIME_LIMIT = 120
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    "unacked_restore_interval": 1,
    "unacked_restore_throttle": 1,
}
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 3.0
CELERY_BEAT_SCHEDULER = "guide.beat:SteadyScheduler"
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "celerybeat-schedule")
CELERY_BEAT_SCHEDULE = {
    "expire-leases": {
        "task": "benchruns.tasks.expire_leases",
        "schedule": 2.0,
        "options": {"expires": 10},  # after a pause one look is enough
    },
    "settle-evidence": {
        "task": "benchruns.tasks.settle_evidence",
        "schedule": 24 * 3600.0,
        "options": {"expires": 3600},
    },
    "start-due-schedules": {
        "task": "benchruns.tasks.start_due_schedules",
        "schedule": 20.0,
        "options": {"expires": 60},
    },
}

# How long a claimed run stays its host's without a heartbeat, and how often it may be tried.
RUN_LEASE_S = float(text("RUN_LEASE_S", "15"))
RUN_MAX_ATTEMPTS = 3
# A waiting host is woken when there is work; how often it is looked for all the same.
CLAIM_LOOK_S = number("CLAIM_LOOK_S", 10)
RUN_QUEUE_LIMIT = int(text("RUN_QUEUE_LIMIT", "20"))
RESULT_MAX_BYTES = 8 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = RESULT_MAX_BYTES

# Without one, /metrics answers this machine alone.
METRICS_TOKEN = text("METRICS_TOKEN", "")
LOGGING = logging_of(
    one_of("LOG_FORMAT", ("line", "json"), "line"),
    one_of("LOG_LEVEL", ("debug", "info", "warning", "error"), "info").upper(),
)
