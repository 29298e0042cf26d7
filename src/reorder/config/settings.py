"""Django settings, all values from the typed environment; there is one file, and no development or production fork."""

import os
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from reorder.config.embedded_postgres import EmbeddedPostgres, default_home
from reorder.config.environment import Environment, read_environment
from reorder.config.languages import compiled_catalogues
from reorder.config.packages import package_folder
from reorder.config.secret_key import read_secret_key

REORDER: Environment = read_environment(source=os.environ)
HOME: Path = REORDER.home or default_home()
EMBEDDED: EmbeddedPostgres = EmbeddedPostgres(
    home=HOME, binaries=REORDER.postgres_binaries, service_user=REORDER.service_user or None
)
DATABASE_URL: str = REORDER.database_url or EMBEDDED.url
WEB = Path(__file__).resolve().parent.parent / "web"
IMPORT_FOLDER: Path = REORDER.import_folder or HOME / "import"

# No statement is prepared for being frequent alone.
_NEVER = 2**31


def _database(url: str) -> dict[str, object]:
    parts = urlsplit(url)
    options: dict[str, object] = dict(parse_qsl(parts.query))
    # Only statements of the hot path are prepared (domain/storage/prepared): planning one anew for every order would
    # cost more than running it, and none is better off with a plan for its very values.
    options.setdefault("options", "-c plan_cache_mode=force_generic_plan")
    # Without a threshold (Django's default) psycopg prepares nothing at all, also not what asks for it.
    options["prepare_threshold"] = _NEVER
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", unquote(parts.hostname or "")),
        "PORT": options.pop("port", str(parts.port or "")),
        "OPTIONS": options,
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
    }


SECRET_KEY = REORDER.secret_key or read_secret_key(file=HOME / "secret.key")
DEBUG = False
DATABASES = {"default": _database(DATABASE_URL)}
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "django_cotton.apps.SimpleAppConfig",
    "template_partials.apps.SimpleAppConfig",
    "lucide",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "procrastinate.contrib.django",
    "reorder.domain.staff",
    "reorder.domain.catalog",
    "reorder.domain.customers",
    "reorder.domain.messaging",
    "reorder.domain.behaviour",
    "reorder.domain.orders",
    "reorder.domain.inventory",
    "reorder.domain.planning",
    "reorder.domain.purchasing",
    "reorder.domain.channels",
    "reorder.domain.payments",
    "reorder.domain.shipping",
    "reorder.domain.warehouse",
    "reorder.domain.marketing",
    "reorder.web",
    "reorder.jobs",
]
AUTH_USER_MODEL = "staff.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = REORDER.language
LANGUAGES = [("en", "English"), ("zh-hant", "繁體中文")]
LOCALE_PATHS = [compiled_catalogues(home=HOME)]
# Tasks are imported by the worker alone: whoever defers does so by name, and never loads the engine.
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = None

# --- The web's edge. Another address than loopback is refused by the settings reader unless TLS stands before it.
IS_TLS = REORDER.tls_cert is not None or bool(REORDER.trusted_proxies)
ROOT_URLCONF = "reorder.config.urls"
WSGI_APPLICATION = "reorder.config.wsgi.application"
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", *REORDER.allowed_hosts]
if REORDER.public_url:
    ALLOWED_HOSTS.append(urlsplit(REORDER.public_url).hostname or "")
MIDDLEWARE = [
    "reorder.api.metrics.MeasuringMiddleware",
    "reorder.web.middleware.OriginMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "reorder.web.middleware.NoStoreMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "reorder.web.middleware.LanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "reorder.web.middleware.ErrorMiddleware",
    "axes.middleware.AxesMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # Ours come first, so that they replace those of libraries.
        "DIRS": [WEB / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "reorder.web.context.frame",
            ],
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "django_cotton.cotton_loader.Loader",
                                "django.template.loaders.filesystem.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "django_cotton.templatetags.cotton",
                "template_partials.templatetags.partials",
                "reorder.web.templatetags.reorder",
            ],
        },
    }
]
STATIC_URL = "/static/"
STATICFILES_DIRS = [
    WEB / "static",
    ("bootstrap", package_folder(name="xstatic.pkg.bootstrap") / "data"),
    ("echarts", package_folder(name="instaui_echarts") / "static"),
]
STATIC_ROOT = HOME / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "reorder.config.static_files.MarkedStorage"},
}
# `reorder serve` collects and compresses; a test or a shell finds the files where they are.
WHITENOISE_USE_FINDERS = not STATIC_ROOT.exists()
# The address of a file changes with its content, so a browser may keep it for a year.
WHITENOISE_MAX_AGE = 365 * 86_400
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "reorder_cache",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 14 * 86_400
SESSION_COOKIE_NAME = "reorder_session"
CSRF_COOKIE_NAME = "reorder_csrf"
LANGUAGE_COOKIE_NAME = "reorder_language"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = IS_TLS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "reorder.web.errors.csrf_failed"
CSRF_TRUSTED_ORIGINS = [REORDER.public_url] if REORDER.public_url.startswith("https://") else []
SECURE_HSTS_SECONDS = 365 * 86_400 if IS_TLS else 0
SECURE_SSL_REDIRECT = IS_TLS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
# OriginMiddleware lets this header through from trusted proxies only.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if REORDER.trusted_proxies else None
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5_000_000
# A purchase order has as many lines as a supplier has goods, and the form of its receipt a field for each.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- Accounts: made by owners or in the terminal, never by signing up.
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "reorder.web.accounts.adapter.StaffAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
# Axes below locks after five; these stop whoever comes from many addresses, and guessing of second factors.
ACCOUNT_RATE_LIMITS = {"login_failed": "20/m/ip,10/15m/key"}
ACCOUNT_FORMS = {
    "login": "reorder.web.accounts.forms.SignInForm",
    "change_password": "reorder.web.accounts.forms.PasswordForm",
    "set_password": "reorder.web.accounts.forms.FirstPasswordForm",
    "reauthenticate": "reorder.web.accounts.forms.ConfirmForm",
}
MFA_ADAPTER = "reorder.web.accounts.adapter.StaffMfaAdapter"
MFA_FORMS = {
    "authenticate": "reorder.web.accounts.forms.CodeForm",
    "reauthenticate": "reorder.web.accounts.forms.ConfirmCodeForm",
    "activate_totp": "reorder.web.accounts.forms.ActivateAppForm",
    "add_webauthn": "reorder.web.accounts.forms.AddPasskeyForm",
    "edit_webauthn": "reorder.web.accounts.forms.RenamePasskeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not IS_TLS  # Browsers allow passkeys on localhost without TLS.
MFA_TOTP_ISSUER = "Reorder"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "reorder.web.errors.locked_out"
AXES_CLIENT_IP_CALLABLE = "reorder.web.middleware.address_of"
AXES_USERNAME_FORM_FIELD = "login"
AXES_USERNAME_CALLABLE = "reorder.web.accounts.adapter.name_attempted"
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False
# Whether subdomains are HTTPS too, and whether browsers may preload the name, is the owner of the domain's to say.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "brief": {"()": "reorder.config.log_lines.Brief"},
        "discreet": {"()": "reorder.config.log_lines.Discreet"},
    },
    "formatters": {"plain": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "plain", "filters": ["brief", "discreet"]},
    },
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}
