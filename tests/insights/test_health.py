"""What the doctor finds in the settings, and in demand that no warehouse would serve."""

import dataclasses
import datetime as dt
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reorder.domain.planning import operations
from reorder.domain.planning.models import DemandPlanDay
from reorder.insights.api_metrics import note_ledger
from reorder.insights.health import Check, examine, glance
from tests.factories.inventory import make_place

MONDAY = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)

pytestmark = pytest.mark.django_db(transaction=True)


def found_in(name: str) -> Check:
    return next(check for check in examine(moment=MONDAY) if check.name == name)


def expect(*, sku: str, place_code: str) -> None:
    DemandPlanDay.objects.create(
        run_id=1,
        subject=sku,
        place_code=place_code,
        date=MONDAY.date(),
        **dict.fromkeys((f.name for f in DemandPlanDay._meta.fields if f.name.endswith("_units")), 1.0),
    )


def test_a_sender_that_mail_servers_refuse_is_named(settings: LazySettings) -> None:
    settings.REORDER = dataclasses.replace(settings.REORDER, mail_url="smtp://127.0.0.1:9")

    check = found_in("settings")

    assert (check.is_well, check.mend) == (
        False,
        "Set REORDER_MAIL_FROM: mail servers refuse mail from shop@localhost.",
    )


def test_a_signing_key_that_others_can_read_is_named(settings: LazySettings, tmp_path: Path) -> None:
    settings.HOME = tmp_path
    key = tmp_path / "secret.key"
    key.write_text("tea")
    key.chmod(0o644)
    assert found_in("settings").mend == f"Others can read the signing key. Run: chmod 600 {key}"

    key.chmod(0o600)

    assert found_in("settings") == Check(
        "settings", is_well=True, found="TWD, Asia/Taipei; mail comes from shop@localhost"
    )


def test_demand_of_no_place_is_named_once_there_are_places() -> None:
    expect(sku="OOLONG-150", place_code="")
    expect(sku="MATCHA-30", place_code="KEELUNG")
    assert found_in("demand").is_well

    make_place()

    check = found_in("demand")
    assert (check.is_well, check.found) == (False, "1 products or categories sold at no known place")


def test_a_night_that_could_not_import_a_file_is_named() -> None:
    run = operations.open_run(kind="night", as_of_date=MONDAY.date(), moment=MONDAY)
    operations.start_step(run_id=run.id, name="import_files", ordinal=0, moment=MONDAY)
    operations.finish_step(
        run_id=run.id,
        name="import_files",
        moment=MONDAY,
        rows_read=0,
        rows_written=0,
        details={"failed": ["tea.csv: the file is empty"]},
    )
    operations.close_run(run_id=run.id, moment=MONDAY)

    check = found_in("night")
    assert (check.is_well, check.found) == (
        False,
        f"the night of {MONDAY.date()} could not import: tea.csv: the file is empty",
    )


def test_a_page_tells_the_last_comparison_of_the_ledger_and_makes_none() -> None:
    def told() -> tuple[bool, str]:
        check = next(one for one in glance(moment=MONDAY) if one.name == "ledger")
        return check.is_well, check.found

    # The cache is no model: what an earlier test noted outlives it.
    cache.clear()
    with CaptureQueriesContext(connection) as asked:
        assert told() == (True, "not compared within the last hours; a worker does so every hour")
    note_ledger(count=0, moment=MONDAY)
    assert told() == (True, "all levels equal the ledger, at 08:00")
    note_ledger(count=2, moment=MONDAY)
    assert told() == (False, "2 levels differ from the ledger, at 08:00")
    assert not [query for query in asked if "inventory_move" in query["sql"]]
