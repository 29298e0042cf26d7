"""Getting ready: settings read, database up, tables as this version needs them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reorder.cli.language import translated
from reorder.cli.screen import error_console
from reorder.kernel.errors import ReorderError

if TYPE_CHECKING:
    from reorder.config.database_users import DatabaseUse

_OLDEST_SERVER = 160000


class DatabaseTooOld(ReorderError):
    code = "start.database_too_old"
    template = "PostgreSQL {version} is too old: REORDER_DATABASE_URL must name version 16 or later."


class DatabaseUnreachable(ReorderError):
    code = "start.database_unreachable"
    template = "The database does not answer: {cause}. Check REORDER_DATABASE_URL and that PostgreSQL runs."


@dataclass(frozen=True, slots=True)
class Started:
    """What this command had to do; `started_database` is true when nobody had started it before."""

    started_database: bool


def start_application() -> Started:
    """Start the embedded database if it is ours and down, set Django up, bring the tables up to date.

    Every command that needs the database calls this first; several may at once. Raises ReorderError.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reorder.config.settings")
    import django

    from reorder.config import settings

    started = False if settings.REORDER.database_url else settings.EMBEDDED.ensure_started()
    django.setup()
    _require_server()
    _migrate()
    return Started(started_database=started)


@contextmanager
def application_in_use() -> Iterator["DatabaseUse | None"]:
    """`start_application` for commands that stay; the last of them stops the embedded database if one started it.

    None when the database is not ours to watch (`REORDER_DATABASE_URL`).
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reorder.config.settings")
    from reorder.config import settings
    from reorder.config.database_users import database_in_use

    if settings.REORDER.database_url:
        start_application()
        yield None
        return
    with database_in_use(database=settings.EMBEDDED, home=settings.HOME) as use:
        start_application()
        yield use


def stop_database() -> bool:
    """Stop the embedded database; False when it was not running or is not ours."""
    from reorder.config import settings

    return False if settings.REORDER.database_url else settings.EMBEDDED.stop()


def _require_server() -> None:
    from django.db import OperationalError, connection

    try:
        connection.ensure_connection()
    except OperationalError as cause:
        raise DatabaseUnreachable(cause=str(cause).strip()) from cause
    version: int = connection.pg_version  # type: ignore[attr-defined]
    if version < _OLDEST_SERVER:
        raise DatabaseTooOld(version=version // 10000)


def _migrate() -> None:
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return
    if not executor.loader.applied_migrations:
        # On the error stream: commands are read by programs too.
        said = translated("The tables of the database are being made, this once: about a minute on a small machine.")
        error_console.print(said, markup=False, soft_wrap=True)
    # Several commands may start at once on a new version: one migrates, the others wait for it.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtext('reorder.migrate'))")
        try:
            call_command("migrate", interactive=False, verbosity=0)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(hashtext('reorder.migrate'))")
