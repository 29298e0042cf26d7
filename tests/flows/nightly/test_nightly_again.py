"""The same night again, and conclusions drawn again between nights: nothing changes that should not."""

import datetime as dt
from pathlib import Path

import pytest

from reorder.domain.planning import queries as planning
from reorder.domain.purchasing.models import Proposal
from reorder.domain.storage.reading import _uri
from reorder.flows import upkeep
from reorder.flows.nightly import NightReport, run_night
from tests.factories.books import differences, read_books
from tests.factories.shop import AS_OF, NIGHT_AT, import_shop, write_shop

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def first_night(tmp_path: Path) -> NightReport:
    import_shop(files=write_shop(folder=tmp_path / "files", customers=20, days=120))
    return run_night(as_of=AS_OF, now=lambda: NIGHT_AT)


def test_a_second_night_of_the_same_day_decides_the_same_and_doubles_nothing(first_night: NightReport) -> None:
    before = read_books(url=_uri())

    again = run_night(as_of=AS_OF, now=lambda: NIGHT_AT + dt.timedelta(hours=1))

    assert again.run.id > first_night.run.id
    assert differences(found=read_books(url=_uri()), expected=before) == {}
    written = {step.name: step for step in again.steps}
    assert written["plan_reminders"].rows_written == 0
    assert written["propose_purchases"].details["added"] == 0
    assert written["propose_purchases"].details["repeated"] == Proposal.objects.count() > 0


def test_drawing_conclusions_again_after_the_import_changes_no_decision(first_night: NightReport) -> None:
    before = read_books(url=_uri())
    marked = planning.count_dirty(kind="customer") + planning.count_dirty(kind="position")

    drained = upkeep.drain_dirty(as_of=AS_OF)

    assert drained == marked > 20
    assert planning.count_dirty(kind="customer") == planning.count_dirty(kind="position") == 0
    assert differences(found=read_books(url=_uri()), expected=before) == {}
