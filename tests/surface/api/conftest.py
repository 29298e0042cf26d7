"""What tests of the API leave behind, although they commit."""

from collections.abc import Iterator

import pytest
from django.db import connection


@pytest.fixture
def _no_jobs_left(transactional_db: None) -> Iterator[None]:
    """The queue's tables are no models of ours, so emptying the database leaves them alone."""
    yield
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
