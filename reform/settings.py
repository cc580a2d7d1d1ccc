"""Every setting of the project, in one file, from the environment where it differs by place.

Nothing set is a desk: SQLite, files and the broker's folders under var/. REFORM_ENV=production (or
DEBUG=0) is production, which refuses to start while a secret or an address is missing.
"""

import os
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.contrib.messages import constants as message_levels
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

# ---- where we are -------------------------------------------------------------------------------
ENVIRONMENT = env.str("REFORM_ENV", default="development")
if ENVIRONMENT not in {"development", "production"}:
    raise ImproperlyConfigured(
        f"REFORM_ENV 只能是 development 或 production，现在是“{ENVIRONMENT}”。"
    )
# Whoever asks for DEBUG=0 serves other people: the same safeguards, whatever REFORM_ENV says.
PRODUCTION = ENVIRONMENT == "production" or not env.bool("DEBUG", default=True)
# At a desk as well people meet our pages, not Django's: DEBUG=1 is for who works on the code.
DEBUG = not PRODUCTION and env.bool("DEBUG", default=False)

NEEDED = ("SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "REDIS_URL", "MEDIA_ROOT")
MISSING = [name for name in NEEDED if not env.str(name, default="")]
if PRODUCTION and MISSING:
    raise ImproperlyConfigured(
        f"生产环境缺少设置：{'、'.join(MISSING)}。请在环境变量中给出，说明见 .env.example。"
    )

SECRET_KEY = env.str("SECRET_KEY", default="insecure-and-only-good-for-development")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
REDIS_URL = env.str("REDIS_URL", default="")
RELEASE = env.str("RELEASE", default="")  # what runs, in words of who deployed it
# Networks of our proxies: only they say who the client is and whether he came by TLS.
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=[])

# ---- what it is made of -------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth.account",  # allauth.mfa asks for it; none of its pages is mounted
    "allauth.mfa",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "django_htmx",
    "reform",
    "campaigns",
    "rectification",
]

MIDDLEWARE = [
    "reform.middleware.ReferenceMiddleware",  # first: its number and headers are on every answer
    "reform.middleware.ClientAddressMiddleware",  # all others see the client's own address
    "django.middleware.clickjacking.XFrameOptionsMiddleware",  # these before all who may say no
    "csp.middleware.CSPMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "reform.middleware.CleanMiddleware",
    "reform.middleware.SessionKeyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "reform.middleware.ActorMiddleware",
    "reform.middleware.GateMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "reform.urls"
WSGI_APPLICATION = "reform.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

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
    {
        # Bodies of long tables only; asked for by name, after the templates above.
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "templates" / "jinja"],
        "APP_DIRS": False,
        "OPTIONS": {"autoescape": True, "trim_blocks": True, "lstrip_blocks": True},
    },
]
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
MESSAGE_TAGS = {message_levels.ERROR: "danger"}  # Bootstrap's word

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

# ---- rows (why 32 MB of cache, and no parallel workers: docs/decisions/0012) --------------------
DATABASES = {
    "default": env.db_url("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'db.sqlite3'}"),
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"] |= {
        "OPTIONS": {
            # DEFERRED fails at once when two people write; IMMEDIATE queues them.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            # Recursive triggers: else INSERT OR REPLACE passes by those that forbid deleting.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
            "PRAGMA recursive_triggers=ON; PRAGMA cache_size=-32768;",
        },
        # A file: in memory there are no locks and no second connection. Its own for each run.
        "TEST": {"NAME": str(VAR_DIR / f"test-{os.getpid()}.sqlite3")},
    }
else:
    DATABASES["default"] |= {
        "CONN_MAX_AGE": env.int("CONN_MAX_AGE", default=600),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 5, "options": "-c max_parallel_workers_per_gather=0"},
        "TEST": {"TEMPLATE": "template0", "CHARSET": "UTF8"},
    }

# ---- people -------------------------------------------------------------------------------------
AUTH_USER_MODEL = "reform.User"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
# `modern` or `dengbao`: reform/models/password_rules.py says what each asks.
PASSWORD_PROFILE = env.str("PASSWORD_PROFILE", default="modern")
if PASSWORD_PROFILE not in {"modern", "dengbao"}:
    raise ImproperlyConfigured(
        f"PASSWORD_PROFILE 只能是 modern 或 dengbao，现在是“{PASSWORD_PROFILE}”。"
    )
AUTH_PASSWORD_VALIDATORS = [{"NAME": "reform.models.password_rules.ProfileValidator"}]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "login"

# One-time passwords (动态口令), needed by administrators, inspectors and leaders; not at a desk.
MFA_REQUIRED = env.bool("MFA_REQUIRED", default=PRODUCTION)
MFA_ADAPTER = "reform.actions.second_steps.Adapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER, MFA_TOTP_TOLERANCE = "以案促改整改台账", 1  # telephones are half a minute off
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"

# Rows, not cached rows: pages go on when Redis is down, and signing out holds at once.
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 30 * 60

# ---- safe from the first day --------------------------------------------------------------------
# TLS ends at the proxy in front (one of TRUSTED_PROXIES), which must set X-Forwarded-Proto itself.
# HTTPS=0 only for a closed network without certificates.
HTTPS = PRODUCTION and env.bool("HTTPS", default=True)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^health/$"]  # the machine asks itself
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "reform.views.errors.expired"
X_FRAME_OPTIONS = "DENY"
# HSTS for hosts below our name, which are not ours to bind, and for browsers' public lists.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}

# ---- files --------------------------------------------------------------------------------------
# Outside the web root, and no MEDIA_URL: a file is sent by the view of the row that owns it.
MEDIA_ROOT = env.path("MEDIA_ROOT", default=VAR_DIR / "media")
ATTACHMENT_MAX_BYTES = env.int("ATTACHMENT_MAX_MB", default=20) * 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o640
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o750
# Beside the files: keeping one is a rename, and nothing personal lies in /tmp.
FILE_UPLOAD_TEMP_DIR = str(MEDIA_ROOT("incoming"))
DATA_UPLOAD_MAX_MEMORY_SIZE = 5_242_880  # a form without its files
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000  # the preview of an imported ledger, all rows corrected
DATA_UPLOAD_MAX_NUMBER_FILES = 50
Path(FILE_UPLOAD_TEMP_DIR).mkdir(parents=True, exist_ok=True)
TRAIL_ANCHOR = Path(env.str("TRAIL_ANCHOR", default=str(MEDIA_ROOT("../trail/seals.txt"))))
TRAIL_DIGEST = env.str("TRAIL_DIGEST", default="sha256")  # or sm3 (decision 0014)

STATIC_URL = "static/"
STATIC_ROOT = env.str("STATIC_ROOT", default=str(VAR_DIR / "static")) if PRODUCTION else None
NODE_MODULES = BASE_DIR / "node_modules"
STATICFILES_DIRS = [
    BASE_DIR / "static",
    ("vendor/bootstrap/css", NODE_MODULES / "bootstrap" / "dist" / "css"),
    ("vendor/bootstrap/js", NODE_MODULES / "bootstrap" / "dist" / "js"),
    ("vendor/bootstrap-icons", NODE_MODULES / "bootstrap-icons" / "font"),
    ("vendor/tom-select/css", NODE_MODULES / "tom-select" / "dist" / "css"),
    ("vendor/tom-select/js", NODE_MODULES / "tom-select" / "dist" / "js"),
]
PLAIN = "django.contrib.staticfiles.storage.StaticFilesStorage"
PACKED = "whitenoise.storage.CompressedManifestStaticFilesStorage"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": PACKED if PRODUCTION else PLAIN},
}
# At a desk a changed stylesheet shows after a reload, also under gunicorn.
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = not PRODUCTION
WHITENOISE_ALLOW_ALL_ORIGINS = False

# ---- what leaves the house (none of it set: the inbox is the only channel) ----------------------
EMAIL_URL = env.str("EMAIL_URL", default="" if PRODUCTION else f"filemail:///{VAR_DIR / 'mail'}")
vars().update(env.email_url_config(EMAIL_URL) if EMAIL_URL else {})
EMAIL_TIMEOUT = 5  # seconds for each answer of the mail server
DEFAULT_FROM_EMAIL = env.str("MAIL_FROM", default="reform@localhost")
PUBLIC_URL = env.str("PUBLIC_URL", default="") or f"http{'s' * HTTPS}://{ALLOWED_HOSTS[0]}"
WEBHOOK_URL, WEBHOOK_SECRET = env.str("WEBHOOK_URL", default=""), env.str("WEBHOOK_SECRET", "")
WEBHOOK_KIND, SMS_FOLDER = env.str("WEBHOOK_KIND", "wecom"), env.str("SMS_FOLDER", default="")
WEBHOOK_HOSTS = env.list("WEBHOOK_HOSTS", default=["qyapi.weixin.qq.com", "oapi.dingtalk.com"])
WEBHOOK_INSIDE_HOSTS = env.list("WEBHOOK_INSIDE_HOSTS", default=[])  # of our own network, http too
SWEEP_SECONDS = env.int("SWEEP_SECONDS", default=60)  # between two rounds of `manage.py sweep`

# ---- work in the background ---------------------------------------------------------------------
CELERY_TIMEZONE = TIME_ZONE
CELERY_TASK_IGNORE_RESULT = True
# A worker that dies gives its task back; tasks are rows to be looked at again, so twice is once.
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a worker waits for its broker, however long
# A page does not: the job waits as a row, and the next minute's tick finds it.
NO_WAITING: dict[str, object] = {"max_retries": 1, "interval_start": 0, "interval_max": 0.2}
CELERY_TASK_PUBLISH_RETRY_POLICY = NO_WAITING
CELERY_BROKER_CONNECTION_TIMEOUT = 1
if REDIS_URL:
    CELERY_BROKER_URL = REDIS_URL
    CELERY_BROKER_TRANSPORT_OPTIONS = NO_WAITING | {
        "socket_connect_timeout": 1,
        "socket_timeout": 2,  # a Redis that listens and is silent
        "socket_keepalive": True,
        "visibility_timeout": 3600,
    }
else:
    # Folders cross processes without a server; one machine, a few messages a minute.
    QUEUE, CONTROL = VAR_DIR / "broker" / "queue", VAR_DIR / "broker" / "control"
    CELERY_BROKER_URL = "filesystem://localhost"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(QUEUE),
        "data_folder_out": str(QUEUE),  # what one process puts, another takes
        "control_folder": str(CONTROL),
        "polling_interval": 0.5,
    }
    CELERY_WORKER_ENABLE_REMOTE_CONTROL = False  # its replies would pile up as files
    for _folder in (QUEUE, CONTROL):
        _folder.mkdir(parents=True, exist_ok=True)
CELERY_BEAT_SCHEDULE_FILENAME = env.str("BEAT_SCHEDULE", default=str(VAR_DIR / "beat"))

# ---- logs ---------------------------------------------------------------------------------------
# No names, no form data, no query strings: see reform/logs.py.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "reform.logs.Line"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": ["console"], "level": "INFO", "propagate": False},
        "django.db.backends": {"level": "WARNING"},  # SQL carries names, even under DEBUG
    },
}
