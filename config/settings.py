"""Settings, all from the environment (or `.env`); `.env.example` explains each one.

There are two modes. `production` (the default) refuses to start without a SECRET_KEY and ALLOWED_HOSTS. `demo`, which
`make run` writes into `.env`, has demo data and a random key and answers this machine only. Neither turns DEBUG on.
"""

import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from config import logs
from config.environment import Environment
from config.web.local_only import host_to_use

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment()
env.read_env(BASE_DIR / ".env", recurse=False)

MODE = env.one_of("COPYDESK_MODE", "production", ("production", "demo", "test"))
DEMO = MODE == "demo"
# The demo's passwords are published, so it answers this machine only, unless this setting says otherwise.
DEMO_ON_NETWORK = DEMO and env.one_of("DEMO_ON_NETWORK", "no", ("no", "with-published-passwords")) != "no"
DEBUG = env.bool("DEBUG", False)
SECRET_KEY = env.str("SECRET_KEY", "")
SECRET_KEY_FALLBACKS: list[str] = list(map(str.strip, env.list("SECRET_KEY_FALLBACKS", [])))
# Where the web process listens.
HOST_ASKED = env.str("HOST", "127.0.0.1")
HOST = host_to_use(HOST_ASKED, anywhere=not DEMO or DEMO_ON_NETWORK)
PORT = env.whole("PORT", 8000, minimum=1, maximum=65535)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", [] if MODE == "production" else ["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", [])
VAR_DIR = Path(env.str("VAR_DIR", str(BASE_DIR / "var")))
VAR_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)  # only our own user may read mail and the database

INSTALLED_APPS = [
    # As an app only for `manage.py runserver`: importing it takes every other process a quarter of a second.
    *(["daphne"] if "runserver" in sys.argv else []),
    "config.apps.CopydeskAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "axes",
    "django_htmx",
    "django_q",
    "channels",
    "channels_lite",
    "config",
    "tickets",
    "knowledge",
    "copilot",
    "qa",
    "demo",
]

MIDDLEWARE = [
    # First, so that every answer has it: also refusals, redirects and files.
    "config.web.middleware.content_security_policy",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "tickets.logins.session_watch.SessionWatch",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "config.web.language.PageLanguage",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "config.web.middleware.RefuseNul",
    "axes.middleware.AxesMiddleware",
]
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
# Limits on wrong passwords: tickets/logins/limits.py.
AXES_HANDLER = "tickets.logins.limits.Limits"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"], "ip_address", "username"]
AXES_FAILURE_LIMIT = 5  # for one account from one address; limits.py has the other two
AXES_COOLOFF_TIME = timedelta(minutes=10)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_CLIENT_IP_CALLABLE = "config.web.limits.address"
AXES_LOCKOUT_CALLABLE = "tickets.logins.limits.locked_page"
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "csrfmiddlewaretoken"]
AXES_VERBOSE = False
PASSWORD_RESET_TIMEOUT = 2 * 3600

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
AUTH_USER_MODEL = "tickets.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"

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
                "config.web.context.product",
                "config.web.context.rights",
                "config.web.texts.context",
            ],
            "builtins": ["config.templatetags.desk"],
        },
    },
]

# --- Data -----------------------------------------------------------------

SQLITE = {
    "ENGINE": "django.db.backends.sqlite3",
    "OPTIONS": {
        # IMMEDIATE: a writer waits for the lock at BEGIN and does not fail in the middle.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-16000;",
    },
}
DATABASE_URL = env.str("DATABASE_URL", "")
DATABASES = {
    "default": env.dj_db_url("DATABASE_URL", "", conn_max_age=60, conn_health_checks=True)
    if DATABASE_URL
    else SQLITE | {"NAME": VAR_DIR / "copydesk.sqlite3"},
    # The channel layer has its own file, so that ticket writes never wait for socket traffic.
    "channels": SQLITE | {"NAME": VAR_DIR / "channels.sqlite3"},
}
DATABASE_ROUTERS = ["config.channels.routers.ChannelsOnly"]

REDIS_URL = env.str("REDIS_URL", "")
CHANNEL_LAYERS = {
    "default": {"BACKEND": "channels_redis.core.RedisChannelLayer", "CONFIG": {"hosts": [REDIS_URL], "capacity": 2000}}
    if REDIS_URL
    else {
        "BACKEND": "config.channels.layer.SQLiteChannelLayer",
        "CONFIG": {
            "database": "channels",
            "polling_interval": 0.05,
            "enforce_capacity": False,
            "group_expiry": 24 * 3600,
        },
    }
}

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# --- Models and stores ------------------------------------------------------

MODELS_DIR = Path(env.str("MODELS_DIR", "~/.cache/copydesk/models")).expanduser()
COPILOT_MODEL = env.str("COPILOT_MODEL", "qwen2.5-coder-1.5b-instruct")
EMBEDDING_MODEL = env.str("EMBEDDING_MODEL", "bge-small-en-v1.5-onnx")
RERANK_MODEL = env.str("RERANK_MODEL", "ms-marco-minilm-l12-v2-onnx")  # empty: no reranking
REDACTION_MODEL = env.str("REDACTION_MODEL", "rampart-q4")  # empty: names of others are found by rules alone
EMBEDDING_THREADS = env.whole("EMBEDDING_THREADS", 0)  # 0: torch decides

LLM_HOST = env.str("LLM_HOST", "127.0.0.1")
LLM_PORT = env.whole("LLM_PORT", 8081, minimum=1, maximum=65535)
LLM_BASE_URL = env.str("LLM_BASE_URL", f"http://{LLM_HOST}:{LLM_PORT}/v1")
LLM_EMBEDDED = f"http://{LLM_HOST}:{LLM_PORT}/v1" == LLM_BASE_URL
LLM_API_KEY = env.str("LLM_API_KEY", "")
LLM_TIMEOUT = env.whole("LLM_TIMEOUT", 90)  # seconds for a complete answer that a member waits for
LLM_BACKGROUND_TIMEOUT = env.whole("LLM_BACKGROUND_TIMEOUT", 600)  # seconds for one written in the background
LLM_CONTEXT = env.whole("LLM_CONTEXT", 8192)
LLM_SLOTS = env.whole("LLM_SLOTS", 4)
LLM_THREADS = env.whole("LLM_THREADS", 0)
LLM_BATCH_THREADS = env.whole("LLM_BATCH_THREADS", 0)
LLM_GPU_LAYERS = env.whole("LLM_GPU_LAYERS", 0, minimum=-1)
LLM_LORA = env.str("LLM_LORA", "shipped")  # or the path of another adapter, or empty for none

CHROMA_HOST = env.str("CHROMA_HOST", "127.0.0.1")
CHROMA_PORT = env.whole("CHROMA_PORT", 8082, minimum=1, maximum=65535)
CHROMA_URL = env.str("CHROMA_URL", f"http://{CHROMA_HOST}:{CHROMA_PORT}")
CHROMA_EMBEDDED = f"http://{CHROMA_HOST}:{CHROMA_PORT}" == CHROMA_URL
CHROMA_COLLECTION = env.str("CHROMA_COLLECTION", "chunks")
# Whether the embedder knows more languages than English: then articles in any language can answer a question.
EMBEDDING_MULTILINGUAL = env.bool("EMBEDDING_MULTILINGUAL", False)
# Minimum scores belong to models and are in config/catalogue.toml. These two replace them, whatever the model is. Below
# the one of search (a cosine) the answer is "nothing relevant". Below the one of drafts (the writer's probability that
# the sources answer; 0 skips that check) there is no draft. See docs/decisions/0004 and 0022.
RETRIEVAL_MIN_SCORE: float | None = env.float("RETRIEVAL_MIN_SCORE", None)
env.renamed("DRAFT_LEAST_ANSWERABLE", "DRAFT_MIN_SCORE")
DRAFT_MIN_SCORE: float | None = env.float("DRAFT_MIN_SCORE", None)

# --- Knowledge base -----------------------------------------------------------

# True: authors cannot approve their own text (articles imported by a command are exempt).
KB_SECOND_PAIR_OF_EYES = env.bool("KB_SECOND_PAIR_OF_EYES", False)
ARTICLE_IMAGE_MAX_BYTES = env.whole("ARTICLE_IMAGE_MAX_BYTES", 5 * 1024 * 1024)
# The address of Copydesk, for links in mail to members.
_here = f"http://127.0.0.1:{PORT}"
DESK_URL = env.str("DESK_URL", _here if MODE != "production" else "").rstrip("/")

# --- Background jobs ----------------------------------------------------------
# Two lanes (background/lanes.py): jobs that a member waits for never wait behind long jobs without a waiting member.
# The third lane, the drafter, is a process of its own (`manage.py draft`). config.checks requires LLM_TIMEOUT <
# Q timeout < Q retry, so that the broker never hands out a job that is still running.

_slow_timeout = env.whole("SLOW_TIMEOUT", 900)
Q_CLUSTER: dict[str, Any] = {
    "name": "copydesk",
    "cluster_name": "worker",
    "workers": env.whole("WORKERS", 2),
    "timeout": env.whole("Q_TIMEOUT", 150),
    "retry": env.whole("Q_RETRY", 200),
    "ALT_CLUSTERS": {
        "slow": {"workers": env.whole("SLOW_WORKERS", 1), "timeout": _slow_timeout, "retry": _slow_timeout + 50}
    },
    "max_attempts": 3,
    "ack_failures": True,
    "save_limit": 500,
    "queue_limit": 1,
    "bulk": 1,
    "poll": 0.2,
    "catch_up": False,
    "label": "Background jobs",
    "broker_class": "config.background.redis_broker.Redis" if REDIS_URL else "config.background.brokers.Database",
    **({"redis": REDIS_URL} if REDIS_URL else {}),
}

# --- Mail ---------------------------------------------------------------------

MAIL_DIR = Path(env.str("MAIL_DIR", str(VAR_DIR / "mail")))
EMAIL_URL = env.str("EMAIL_URL", "")
if EMAIL_URL:
    _mail = env.dj_email_url("EMAIL_URL", "")
    EMAIL_BACKEND = _mail["EMAIL_BACKEND"]
    if EMAIL_BACKEND == "django.core.mail.backends.smtp.EmailBackend":
        EMAIL_BACKEND = "tickets.mail.smtp.EmailBackend"  # supports addresses beyond ASCII
    EMAIL_HOST = _mail["EMAIL_HOST"]
    EMAIL_PORT = _mail["EMAIL_PORT"]
    EMAIL_HOST_USER = _mail["EMAIL_HOST_USER"]
    EMAIL_HOST_PASSWORD = _mail["EMAIL_HOST_PASSWORD"]
    EMAIL_USE_TLS = _mail["EMAIL_USE_TLS"]
    EMAIL_USE_SSL = _mail["EMAIL_USE_SSL"]
    EMAIL_TIMEOUT = 30
else:
    EMAIL_BACKEND = "tickets.mail.files.EmailBackend"
SUPPORT_NAME = env.str("SUPPORT_NAME", "Tallybird Support" if MODE != "production" else "Support")
SUPPORT_ADDRESS = env.str("SUPPORT_ADDRESS", "support@tallybird.example")
DEFAULT_FROM_EMAIL = f"{SUPPORT_NAME} <{SUPPORT_ADDRESS}>"
UNDO_SEND_SECONDS = env.whole("UNDO_SEND_SECONDS", 10)
MAIL_MAX_BYTES = env.whole("MAIL_MAX_BYTES", 25 * 1024 * 1024)
ATTACHMENT_MAX_BYTES = env.whole("ATTACHMENT_MAX_BYTES", 10 * 1024 * 1024)

# --- Help center ----------------------------------------------------------------

HELP_TITLE = env.str("HELP_TITLE", "")  # empty: SUPPORT_NAME
HELP_ACCENT = env.str("HELP_ACCENT", "")
HELP_LOGO = env.str("HELP_LOGO", "")
HELP_LINKS: list[str] = env.list("HELP_LINKS", [])
HELP_VISIT_DAYS = env.whole("HELP_VISIT_DAYS", 90)

# --- Web ------------------------------------------------------------------------

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = VAR_DIR / "static"
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": VAR_DIR / "attachments"},
    },
    "staticfiles": {"BACKEND": "config.web.static_files.HashedFiles"},
}
HTTPS = env.bool("HTTPS", MODE == "production")
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^health$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", False) else None
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_AGE = 14 * 24 * 3600
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
API_MESSAGES_PER_MINUTE = env.whole("API_MESSAGES_PER_MINUTE", 240, minimum=50)  # for each token
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("es", "Español"), ("fr", "Français")]
DESK_LANGUAGES = ["en", "de"]  # with every text translated; the public pages have all of LANGUAGES
LANGUAGE_CODE = env.one_of("DEFAULT_LANGUAGE", "en", DESK_LANGUAGES)
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["config.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.str("TIME_ZONE", "UTC")

LOGGING = logs.to_stderr(env.str("LOG_LEVEL", "INFO"), formatter="knowledge.masking.logs.MaskingFormatter")
