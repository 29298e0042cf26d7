"""Frames are read under the same terms as everything else."""

from collections.abc import Iterator

import pytest
from django.db import connection

from reorder.domain.storage import read_frame

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def terms() -> Iterator[dict[str, object]]:
    """What stands behind the ? of the database's address."""
    options: dict[str, object] = connection.settings_dict["OPTIONS"]
    before = dict(options)
    yield options
    options.clear()
    options.update(before)


def test_a_parameter_of_the_address_reaches_the_reading_connection(terms: dict[str, object]) -> None:
    terms["application_name"] = "tea shop & co"

    assert read_frame(query="SELECT current_setting('application_name') AS name").item() == "tea shop & co"
