"""A tea shop that has been counted, so that it is known who bought when."""

from pathlib import Path

import pytest
from django.conf import LazySettings

from reorder.flows.nightly import NightReport, run_night
from tests.factories.shop import AS_OF, NIGHT_AT, import_shop, write_shop
from tests.factories.statistics import CUSTOMER_STEPS


@pytest.fixture
def first_night(settings: LazySettings, tmp_path: Path) -> NightReport:
    settings.HOME = tmp_path
    settings.IMPORT_FOLDER = tmp_path / "import"
    import_shop(files=write_shop(folder=tmp_path / "files", customers=40, days=150))
    return run_night(as_of=AS_OF, now=lambda: NIGHT_AT, steps=CUSTOMER_STEPS)
