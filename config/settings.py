"""The one settings file: all values come from the environment, typed, with defaults for the embedded mode.

Variables that are not set are read from a file named .env (config/env_file.py).

Embedded (nothing set): SQLite, local files, a lease loop as worker, no broker. Production: DATABASE_URL,
CELERY_BROKER_URL, ASSET_STORAGE, SECRET_KEY and FIELD_ENCRYPTION_KEYS are set. Every variable is listed with its unit
in .env.example.
"""

import contextlib
import os
import secrets
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

from cryptography.fernet import Fernet
from environs import Env, EnvError

from config import retired_settings
from livingdocs_import.security import role_mapping, signing_keys

env = Env()
BASE_DIR = Path(__file__).resolve().parent.parent


def secret(name: str) -> str:
    """Read NAME, or the file that NAME_FILE points to (as container platforms do); "" if neither is set."""
    path = env.str(f"{name}_FILE", "")
    if not path:
        return env.str(name, "")
    try:
        return Path(path).read_text().strip()
    except OSError as error:
        raise EnvError(f"{name}_FILE={path}: cannot be read ({error.strerror})") from error


def made_once(name: str, made: str) -> str:
    """The text in DATA_DIR/name; the first caller stores `made` there atomically."""
    path = DATA_DIR / name
    if not path.exists():
        DATA_DIR.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=DATA_DIR) as file:  # readable by the owner only
            file.write(made)
            file.flush()
            with contextlib.suppress(FileExistsError):
                os.link(file.name, path)
    return path.read_text()


RETIRED_SETTINGS = retired_settings.warnings(os.environ)  # reported at start, see livingdocs_import/apps.py
DATA_DIR = Path(env.str("DATA_DIR", str(BASE_DIR / "var"))).absolute()
DATABASE_URL = secret("DATABASE_URL")
CELERY_BROKER_URL = secret("CELERY_BROKER_URL")
SECRET_KEY = secret("SECRET_KEY")

# --- Debugging and secrets -------------------------------------------------------------------------------------------
# Without any variables this is a laptop: DEBUG. Any sign of production disables it, and then a key is required.
DEBUG = env.bool("DEBUG", not (SECRET_KEY or DATABASE_URL or CELERY_BROKER_URL))
if not SECRET_KEY and not DEBUG:
    raise EnvError("SECRET_KEY is missing: set it (50 random characters or more), or DEBUG=true for development.")
if not SECRET_KEY:
    SECRET_KEY = made_once("secret_key", secrets.token_urlsafe(64))

# Encrypt the secrets in the database: the first key encrypts, all of them decrypt (security/encryption.py).
FIELD_ENCRYPTION_KEYS = secret("FIELD_ENCRYPTION_KEYS").replace(",", " ").split()
if not FIELD_ENCRYPTION_KEYS and not DEBUG:
    raise EnvError("FIELD_ENCRYPTION_KEYS is missing: `openssl rand -base64 32` makes a key. Keep it: see SECURITY.md.")
if not FIELD_ENCRYPTION_KEYS:
    FIELD_ENCRYPTION_KEYS = [made_once("field_encryption_key", Fernet.generate_key().decode())]
for number, key in enumerate(FIELD_ENCRYPTION_KEYS, 1):
    try:
        Fernet(key)
    except ValueError as error:
        raise EnvError(f"FIELD_ENCRYPTION_KEYS: number {number} is no key, which is 32 bytes in base64") from error

# Sign access tokens: the first key signs, the public keys of all are published (security/signing_keys.py). By default
# they are derived from the keys above.
TOKEN_SIGNING_KEYS = signing_keys.split(secret("TOKEN_SIGNING_KEYS"))
TOKEN_SIGNING_PASSPHRASE = secret("TOKEN_SIGNING_PASSPHRASE")
for number, key in enumerate(TOKEN_SIGNING_KEYS, 1):
    try:
        signing_keys.read(key, TOKEN_SIGNING_PASSPHRASE)
    except ValueError as error:
        raise EnvError(f"TOKEN_SIGNING_KEYS: number {number} {error}") from error

# --- Installation ----------------------------------------------------------------------------------------------------
PUBLIC_URL = env.str("PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"], subcast=str.strip)
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en-gb"
USE_I18N = False
FORMAT_MODULE_PATH = "livingdocs_import.formats"

# --- What runs -------------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "config.apps.Admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.humanize",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "corsheaders",
    "config.apps.FailedLogins",
    "livingdocs_import",
    "media_library",
    "documents",
    "imports",
]
MIDDLEWARE = [
    "livingdocs_import.server.ready_endpoint.ReadyMiddleware",
    "livingdocs_import.pages.error_pages.ErrorPages",
    "livingdocs_import.api.error_responses.EnvelopeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "livingdocs_import.server.middleware.Sessions",
    "django.middleware.common.CommonMiddleware",
    "livingdocs_import.server.body_limit.AnonymousBodies",
    "django.middleware.csrf.CsrfViewMiddleware",
    "livingdocs_import.server.middleware.Users",
    "livingdocs_import.server.middleware.Messages",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "livingdocs_import.server.csp.AdminContentSecurity",
    "livingdocs_import.server.middleware.LoginLimits",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
APPEND_SLASH = False  # no documented path ends in a slash, and a redirected POST loses its body
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
            ]
        },
    }
]
LOGIN_REDIRECT_URL = "/admin/"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "livingdocs_import.admin.rights.MembershipBackend",
    "livingdocs_import.security.password_hashing.OneAtATime",
]
AUTH_PASSWORD_VALIDATORS = [{"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"}]

# --- Logging in by OpenID Connect (an extra) -------------------------------------------------------------------------
OIDC_ISSUER = env.str("OIDC_ISSUER", "")  # exactly as the provider writes it; "": passwords only
OIDC_CLIENT_ID = env.str("OIDC_CLIENT_ID", "")
OIDC_CLIENT_SECRET = secret("OIDC_CLIENT_SECRET")  # "": a public client
OIDC_NAME = env.str("OIDC_NAME", "OpenID Connect")  # on the button
OIDC_SCOPES = env.str("OIDC_SCOPES", "openid profile")
OIDC_ROLES_CLAIM = env.str("OIDC_ROLES_CLAIM", "groups")
try:
    OIDC_ROLES = role_mapping.parse(env.list("OIDC_ROLES", []))
except ValueError as error:
    raise EnvError(f"OIDC_ROLES: {error}") from error
if OIDC_ISSUER and not OIDC_CLIENT_ID:
    raise EnvError("OIDC_CLIENT_ID is missing: OIDC_ISSUER is set.")
if OIDC_ISSUER and not (DEBUG or OIDC_ISSUER.startswith("https://")):
    raise EnvError("OIDC_ISSUER has to begin with https://.")

# --- Limits on guessing ----------------------------------------------------------------------------------------------
# Proxies whose X-Forwarded-For is trusted: networks, addresses, or unix for Unix sockets.
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", [], subcast=str.strip)
WRONG_TOKENS_PER_MINUTE = env.int("WRONG_TOKENS_PER_MINUTE", 60)  # from one address, in one web process; 0: unlimited
# Wrong passwords: django-axes counts them in the database, for each pair of a name and an address. An attacker cannot
# lock out other users.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = env.int("LOGIN_FAILURES", 5)
AXES_COOLOFF_TIME = timedelta(seconds=env.int("LOGIN_COOL_OFF_SECONDS", 900))
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # otherwise each further attempt writes a row
AXES_CLIENT_IP_CALLABLE = "livingdocs_import.security.client_address.of_request"
AXES_LOCKOUT_CALLABLE = "livingdocs_import.security.login_limits.locked_out"
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "csrfmiddlewaretoken"]
AXES_DISABLE_ACCESS_LOG = True  # it would be kept for ever
AXES_ENABLE_ADMIN = False  # ours: livingdocs_import/admin/failed_logins.py
AXES_VERBOSE = False
SILENCED_SYSTEM_CHECKS = ["axes.W002"]  # its middleware is there, as a base of browser_layers.LoginLimits
ADMIN_LIST_SECONDS = env.float("ADMIN_LIST_SECONDS", 5.0)  # in which a list of the admin, or a search in it, is read

# --- Database --------------------------------------------------------------------------------------------------------
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
if DATABASE_URL:
    DATABASES = {"default": env.dj_db_url("DATABASE_URL", DATABASE_URL, conn_max_age=60, conn_health_checks=True)}
else:
    DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": DATA_DIR / "db.sqlite3"}}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",  # a writer waits at BEGIN instead of failing in the middle
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=20000;",
    }
else:
    DATABASES["default"]["ENGINE"] = "livingdocs_import.db.postgresql"
    if env.bool("DATABASE_PREPARES", True):
        # Planning is half of PostgreSQL's work for a look-up by id: a connection prepares queries after three uses. Not
        # behind a pooler that shares connections between transactions.
        DATABASES["default"].setdefault("OPTIONS", {}).update(server_side_binding=True, prepare_threshold=3)
    DATABASES["default"].setdefault("OPTIONS", {}).update(
        connect_timeout=5,
        keepalives_idle=10,
        keepalives_interval=5,
        keepalives_count=3,
        options="-c statement_timeout=60000 -c lock_timeout=20000 -c idle_in_transaction_session_timeout=60000",
    )

# --- Files -----------------------------------------------------------------------------------------------------------
# file:///absolute/dir or s3://bucket/prefix (then AWS_* and AWS_ENDPOINT_URL apply); where buckets must be part of the
# host name, s3://bucket/prefix?addressing=virtual
ASSET_STORAGE = env.str("ASSET_STORAGE", f"file://{DATA_DIR}/assets")
ASSET_MAX_AGE_SECONDS = env.int("ASSET_MAX_AGE_SECONDS", 31_536_000)  # how long browsers and caches may keep a binary
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True  # `serve` works without collectstatic

# --- API -------------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {  # in the order in which they process a request, see livingdocs_import/api/viewsets.py
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "livingdocs_import.api.negotiation.AlwaysJSON",
    "DEFAULT_VERSIONING_CLASS": "livingdocs_import.api.versioning.DatedVersioning",
    "DEFAULT_AUTHENTICATION_CLASSES": ["livingdocs_import.api.authentication.BearerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["livingdocs_import.api.permissions.RequiresScope"],
    "DEFAULT_PARSER_CLASSES": ["livingdocs_import.api.parsers.StrictJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "livingdocs_import.api.pagination.VersionedPagination",
    "DEFAULT_RENDERER_CLASSES": ["livingdocs_import.api.renderers.CompactJSONRenderer"],
    "EXCEPTION_HANDLER": "livingdocs_import.api.error_responses.exception_handler",
    "DEFAULT_SCHEMA_CLASS": "livingdocs_import.openapi.auto_schema.DeclaredSchema",
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_METADATA_CLASS": None,
}
API_URLCONF = "config.api_urls"
# The descriptions of webhooks for OpenAPI, by their names.
API_WEBHOOKS = [
    "documents.api.openapi.WEBHOOKS",
    "media_library.api.openapi.WEBHOOKS",
    "livingdocs_import.api.webhook_requests.TEST",
]
SPECTACULAR_SETTINGS: dict[str, object] = {
    "OAS_VERSION": "3.1.0",
    "TITLE": "livingdocs-import",
    "DESCRIPTION": "An import and media library service that speaks the Livingdocs Public API. An error response lists "
    "all problems of a request. Unknown properties and parameters are refused.",
    "VERSION": None,  # that of the API in the path
    "DEFAULT_GENERATOR_CLASS": "livingdocs_import.openapi.generator.VersionGenerator",
    "POSTPROCESSING_HOOKS": [],  # enumerations are named by the schemas
    "SORT_OPERATIONS": False,  # as in config/api_urls.py
    "SORT_OPERATION_PARAMETERS": False,
    "SCHEMA_PATH_PREFIX": "/api/[^/]+",
    "SCHEMA_PATH_PREFIX_TRIM": True,  # it is the server's: documents of versions differ where the API does
}
API_RETIRED_VERSIONS = env.list("API_RETIRED_VERSIONS", [], subcast=str.strip)
API_MAX_BODY_BYTES = env.int("API_MAX_BODY_BYTES", 64 * 1024 * 1024)
API_MAX_ITEMS = env.int("API_MAX_ITEMS", 10_000)  # items in one import request
# Larger bodies are parsed one at a time in each process; others wait this long before the response is 503.
API_BIG_BODY_BYTES = env.int("API_BIG_BODY_BYTES", 8 * 1024 * 1024)
API_BIG_BODY_WAIT_SECONDS = env.float("API_BIG_BODY_WAIT_SECONDS", 5.0)
DATA_UPLOAD_MAX_MEMORY_SIZE = API_MAX_BODY_BYTES

# Origins (https://app.example.org) whose pages may call the API from a browser: with a token, without cookies.
CORS_ALLOWED_ORIGINS = env.list("CORS_ALLOWED_ORIGINS", [], subcast=str.strip)
CORS_URLS_REGEX = r"^/api/"
CORS_ALLOW_METHODS = ["GET", "HEAD", "PATCH", "POST"]
CORS_ALLOW_HEADERS = ["authorization", "content-encoding", "content-type", "idempotency-key", "if-none-match"]
CORS_EXPOSE_HEADERS = ["deprecation", "etag", "retry-after", "sunset", "warning", "www-authenticate"]
CORS_PREFLIGHT_MAX_AGE = 600  # seconds
API_GZIP_ANSWERS = env.bool("API_GZIP_ANSWERS", False)
# Around the envelope: pages may read errors, too. Requests without an Origin cost nothing.
MIDDLEWARE[1:1] = [
    *(["corsheaders.middleware.CorsMiddleware"] if CORS_ALLOWED_ORIGINS else []),
    *(["livingdocs_import.server.compression.CompressedJSON"] if API_GZIP_ANSWERS else []),
]

# --- Imports ---------------------------------------------------------------------------------------------------------
IMPORT_CHUNK = env.int("IMPORT_CHUNK", 48)  # downloads claimed ahead and written together, at most
# Documents need no downloads, so more of them share the costs of a chunk: a third less CPU each.
IMPORT_DOCUMENTS_CHUNK = env.int("IMPORT_DOCUMENTS_CHUNK", 192)
IMPORT_WINDOW = env.int("IMPORT_WINDOW", 32)  # parallel downloads in one worker process
IMPORT_BYTES_IN_FLIGHT = env.int("IMPORT_BYTES_IN_FLIGHT", 512 * 1024 * 1024)  # of one process; then none begins
IMPORT_MIN_FREE_BYTES = env.int("IMPORT_MIN_FREE_BYTES", 64 * 1024 * 1024)  # of the temporary folder's disk
IMPORT_CHUNK_SECONDS = env.float("IMPORT_CHUNK_SECONDS", 5.0)  # seconds after which no further item of a chunk begins
WORKER_STOP_SECONDS = env.float("WORKER_STOP_SECONDS", 10.0)  # seconds for running work after a request to stop
# Limits of a child process that retries an item whose worker was lost: CPU time, and memory beyond the worker's own.
IMPORT_SUSPECT_CPU_SECONDS = env.int("IMPORT_SUSPECT_CPU_SECONDS", 15)
IMPORT_SUSPECT_MEMORY_BYTES = env.int("IMPORT_SUSPECT_MEMORY_BYTES", 1024**3)
IMPORT_LEASE_SECONDS = env.int("IMPORT_LEASE_SECONDS", 30)  # silence after which a worker counts as dead
# Pauses before the 2nd, 3rd … attempt after a temporary failure; one attempt more than there are pauses.
IMPORT_RETRY_SECONDS = env.list("IMPORT_RETRY_SECONDS", [5, 30, 120], subcast=int)
IMPORT_DEAD_HOST_SECONDS = env.float("IMPORT_DEAD_HOST_SECONDS", 60.0)  # after a job's first unanswered request
IMPORT_HOST_PATIENCE_SECONDS = env.float("IMPORT_HOST_PATIENCE_SECONDS", 900.0)  # with a host that has answered before
OUTAGE_GIVE_UP_SECONDS = env.float("OUTAGE_GIVE_UP_SECONDS", 6 * 3600.0)  # of the storage or the network
# Clients may choose document numbers below this one; 0: never. Ours are above (DOC-55).
DOCUMENT_CUSTOM_IDS_BELOW = env.int("DOCUMENT_CUSTOM_IDS_BELOW", 0)
# Functions that add details to a use of a media entry, by the handle in configurations: web=newsroom.usage.web
USAGE_LOG_FUNCTIONS: dict[str, str] = env.dict("USAGE_LOG_FUNCTIONS", {})
RESULT_RETENTION_DAYS = env.int("RESULT_RETENTION_DAYS", 30)
CHANGE_RETENTION_DAYS = env.int("CHANGE_RETENTION_DAYS", 365)  # audit log of entries
DELIVERY_RETENTION_DAYS = env.int("DELIVERY_RETENTION_DAYS", 30)

# --- Limits of downloads ---------------------------------------------------------------------------------------------
IMAGE_MAX_BYTES = env.int("IMAGE_MAX_BYTES", 50 * 1024 * 1024)
IMAGE_MAX_PIXELS = env.int("IMAGE_MAX_PIXELS", 50_000_000)
IMAGE_MAX_FRAMES = env.int("IMAGE_MAX_FRAMES", 1_800)
# Videos and files may be large: while a body arrives at this average speed, in bytes per second, its download may
# exceed FETCH_TOTAL_SECONDS. 100 MB may take 800 seconds then.
VIDEO_MAX_BYTES = env.int("VIDEO_MAX_BYTES", 100 * 1024 * 1024)
VIDEO_TOTAL_SECONDS = env.float("VIDEO_TOTAL_SECONDS", 900.0)
VIDEO_MIN_BYTES_PER_SECOND = env.int("VIDEO_MIN_BYTES_PER_SECOND", 128 * 1024)
FILE_MAX_BYTES = env.int("FILE_MAX_BYTES", 100 * 1024 * 1024)
FILE_TOTAL_SECONDS = env.float("FILE_TOTAL_SECONDS", 900.0)
FILE_MIN_BYTES_PER_SECOND = env.int("FILE_MIN_BYTES_PER_SECOND", 128 * 1024)
FILE_TYPES = env.list("FILE_TYPES", [], subcast=str.strip)  # MIME types, image/* for a whole kind; empty: every type

# --- Untrusted hosts -------------------------------------------------------------------------------------------------
# Private networks (10.0.0.0/8) or exact addresses with port (127.0.0.1:18080) that are allowed.
FETCH_ALLOWED_NETWORKS = env.list("FETCH_ALLOWED_NETWORKS", [], subcast=str.strip)
FETCH_ALLOWED_PORTS = env.list("FETCH_ALLOWED_PORTS", [80, 443, 8080, 8443], subcast=int)
FETCH_CONNECT_SECONDS = env.float("FETCH_CONNECT_SECONDS", 5.0)
FETCH_READ_SECONDS = env.float("FETCH_READ_SECONDS", 10.0)  # between two pieces of a body
FETCH_TOTAL_SECONDS = env.float(
    "FETCH_TOTAL_SECONDS", 60.0
)  # one download, from connecting to the last byte, including redirects
FETCH_MIN_BYTES_PER_SECOND = env.int("FETCH_MIN_BYTES_PER_SECOND", 4096)  # after the first FETCH_READ_SECONDS
FETCH_MAX_REDIRECTS = env.int("FETCH_MAX_REDIRECTS", 5)
WEBHOOK_TIMEOUT_SECONDS = env.float("WEBHOOK_TIMEOUT_SECONDS", 10.0)
WEBHOOK_HEADERS = secret("WEBHOOK_HEADERS")  # JSON, see livingdocs_import/webhooks/operator_headers.py

# --- Celery ----------------------------------------------------------------------------------------------------------
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "imports"
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "imports.tasks.sweep", "schedule": 10.0, "options": {"expires": 30}},
}
# In memory: a tick every ten seconds needs no history, and a schedule file would be unpickled, whatever its source.
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
# After a message a worker claims for five seconds, and for as long as slow downloads are in flight; then it finishes
# what it has started (imports/worker/time_slice.py).
MAX_DOWNLOAD_SECONDS = max(FETCH_TOTAL_SECONDS, VIDEO_TOTAL_SECONDS, FILE_TOTAL_SECONDS)
CELERY_TASK_TIME_LIMIT = int(2 * (MAX_DOWNLOAD_SECONDS + IMPORT_SUSPECT_CPU_SECONDS)) + 60
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_PUBLISH_RETRY = False  # a lost message is replaced by the next sweep; a retry would block the request
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,
    "max_retries": 0,  # an unreachable Redis must not delay a POST; workers and beat have retries of their own
    "socket_timeout": 5,  # the delay of a POST by a frozen Redis (FLT-8)
    "socket_connect_timeout": 3,
    "socket_keepalive": True,
    "health_check_interval": 10,
}

# --- Security --------------------------------------------------------------------------------------------------------
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
if not DEBUG:
    over_tls = PUBLIC_URL.startswith("https://")
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = over_tls
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_TLS_PROXY", over_tls) else None
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", over_tls)
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", 31_536_000 if over_tls else 0)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = over_tls

# --- Logging ---------------------------------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"},
        "request": {"()": "django.utils.log.ServerFormatter", "format": "[{server_time}] {message}", "style": "{"},
    },
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "stream": sys.stderr, "formatter": "line"},
        "requests": {"class": "logging.StreamHandler", "stream": sys.stderr, "formatter": "request"},
    },
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", "WARNING")},
    "loggers": {
        # Its own handlers would log everything twice.
        "django": {"handlers": [], "level": env.str("LOG_LEVEL", "WARNING")},
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        "django.server": {"handlers": ["requests"], "level": "INFO", "propagate": False},  # runserver's
    },
}

ADMIN_PATH = "/admin/"
CSRF_FAILURE_VIEW = "livingdocs_import.pages.error_pages.forbidden"
