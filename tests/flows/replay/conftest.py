"""A small shop of five months, imported anew for each test that changes it."""

from pathlib import Path

import pytest
from django.conf import LazySettings

from tests.factories.shop import import_shop, write_shop


@pytest.fixture
def shop(transactional_db: None, tmp_path: Path, settings: LazySettings) -> None:
    """Orders from 26 June to 22 November."""
    settings.HOME = tmp_path
    import_shop(files=write_shop(folder=tmp_path / "files", customers=60, days=150))
