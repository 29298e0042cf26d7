"""Django settings, all values from the typed environment; there is one file, and no development or production fork."""

import os
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from reorder.config.embedded_postgres import EmbeddedPostgres, default_home
from reorder.config.environment import Environment, read_environment
from reorder.config.languages import compiled_catalogues
from reorder.config.secret_key import read_secret_key

REORDER: Environment = read_environment(source=os.environ)
HOME: Path = REORDER.home or default_home()
EMBEDDED: EmbeddedPostgres = EmbeddedPostgres(
    home=HOME, binaries=REORDER.postgres_binaries, service_user=REORDER.service_user or None
)
DATABASE_URL: str = REORDER.database_url or EMBEDDED.url
IMPORT_FOLDER: Path = REORDER.import_folder or HOME / "import"


def _database(url: str) -> dict[str, object]:
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
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
    "procrastinate.contrib.django",
    "reorder.domain.staff",
    "reorder.domain.catalog",
    "reorder.domain.customers",
    "reorder.domain.messaging",
    "reorder.domain.orders",
    "reorder.domain.inventory",
    "reorder.domain.planning",
    "reorder.domain.purchasing",
    "reorder.domain.channels",
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
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}
