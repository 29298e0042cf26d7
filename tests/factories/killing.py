"""Processes are killed where they write: tables held, and the end of a dead process's session waited for."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg

from tests.factories.installation import Installation
from tests.factories.waiting import wait_until


@contextmanager
def writers_held(*, shop: Installation, table: str) -> Iterator[None]:
    """Everybody may read this table meanwhile, and nobody may write to it."""
    connection = psycopg.connect(shop.database.url)
    try:
        connection.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE")
        yield
    finally:
        with suppress(psycopg.OperationalError):
            connection.close()


def wait_until_somebody_stands(*, shop: Installation, table: str) -> None:
    blocked = f"SELECT 1 FROM pg_locks WHERE NOT granted AND relation = '{table}'::regclass"
    wait_until(lambda: shop.ask(blocked) != [], what=f"somebody at {table}")


def wait_until_forgotten(*, shop: Installation) -> None:
    """PostgreSQL has noticed that its client is dead, and dropped its locks."""
    others = """SELECT 1 FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"""
    wait_until(lambda: shop.ask(others) == [], what="the end of the dead client's session")
