"""The lock order of buying: the right to decide, purchase orders by id, stock (inventory.locks), then dirty marks."""

from django.db import connection

# Any fixed number: it names this lock in PostgreSQL.
_DECIDING = 7_201_611


def lock_deciding() -> None:
    """Wait for the right to make or decide proposals; held until the open transaction ends.

    A plan that loads the stock position while an approval is half done would propose the same goods again.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_DECIDING])
