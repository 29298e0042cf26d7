"""A small shop of five months, shared by the tests that look back on it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from pytest_django.plugin import DjangoDbBlocker

from tests.factories.shop import import_shop, write_shop


@pytest.fixture(scope="module")
def shop(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """Orders from 26 June to 22 November; the database stays open to the module and is emptied at its end."""
    folder = tmp_path_factory.mktemp("shop")
    with django_db_blocker.unblock():
        import_shop(files=write_shop(folder=folder, customers=60, days=150))
        yield
        call_command("flush", interactive=False, verbosity=0)


@pytest.fixture(autouse=True)
def home(settings: LazySettings, tmp_path: Path) -> None:
    settings.HOME = tmp_path
