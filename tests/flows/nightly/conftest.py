"""A shop whose night has run, shared by the tests that only read it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from pytest_django.plugin import DjangoDbBlocker

from reorder.flows.nightly import NightReport, run_night
from tests.factories.shop import AS_OF, NIGHT_AT, import_shop, write_shop


@pytest.fixture(autouse=True)
def home(settings: LazySettings, tmp_path: Path) -> Path:
    settings.HOME = tmp_path
    settings.IMPORT_FOLDER = tmp_path / "import"
    return tmp_path


@pytest.fixture(scope="module")
def night(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[NightReport]:
    """The first night of the small shop; the database stays open to the module and is emptied at its end."""
    folder = tmp_path_factory.mktemp("shop")
    with django_db_blocker.unblock():
        import_shop(files=write_shop(folder=folder, customers=60, days=150))
        yield run_night(as_of=AS_OF, now=lambda: NIGHT_AT)
        call_command("flush", interactive=False, verbosity=0)
