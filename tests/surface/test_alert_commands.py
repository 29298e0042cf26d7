"""`reorder alerts` in the terminal: list, machine-readable, put off."""

import datetime as dt
import json

import pytest
from typer.testing import CliRunner

from reorder.cli.alerts import BadAlertFilter, BadSnoozeDay
from reorder.cli.main import app
from reorder.domain.planning.errors import BadSnooze, UnknownAlert
from reorder.domain.planning.models import Alert
from tests.factories.catalog import make_product
from tests.factories.inventory import KEELUNG

pytestmark = pytest.mark.django_db(transaction=True)
NOW = dt.datetime(2026, 11, 23, 1, 30, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def monday(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REORDER_CLOCK", NOW.isoformat())
    monkeypatch.setattr("reorder.cli.alerts.start_application", lambda: None)


def alert(*, kind: str = "runs_out", severity: int = 2, stake_minor: int = 120_000) -> Alert:
    return Alert.objects.create(
        kind=kind,
        key=f"OOLONG-150|{KEELUNG}",
        subject="OOLONG-150",
        place_code=KEELUNG,
        severity=severity,
        stake_minor=stake_minor,
        currency="TWD",
        reason_code="alert.runs_out.none",
        reason_parameters={"percent": "93", "free": "5", "expected": "12", "until_date": "2026-11-29"},
        first_seen_at=NOW,
        last_seen_at=NOW,
    )


def run(*words: str) -> str:
    result = CliRunner().invoke(app, ["alerts", *words])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.stdout


def test_alerts_are_listed_with_money_and_reason() -> None:
    make_product()
    one = alert()
    said = " ".join(run().split())
    assert f"runs out: Oolong 150 g (OOLONG-150) #{one.pk} · warning · KEELUNG · NT$1,200 at stake" in said
    assert "93% likely to run out before 2026-11-29" in said


def test_programs_read_everything_as_one_list() -> None:
    one = alert()
    (document,) = json.loads(run("--json", "--kind", "runs_out"))
    assert (document["id"], document["stake_minor"], document["currency"]) == (one.pk, 120_000, "TWD")
    assert document["first_seen_at"] == "2026-11-23 01:30:00+00:00"
    assert json.loads(run("--json", "--place", "KAOHSIUNG")) == []


def test_an_alert_is_put_off_until_a_day() -> None:
    one = alert()
    said = run("snooze", str(one.pk), "--until", "2026-12-24", "--note", "known", "--by", "mei")
    assert "1 alert is put off until 2026-12-24 06:00." in said
    one.refresh_from_db()
    assert (one.snoozed_by, one.snooze_note) == ("mei", "known")
    assert run().strip() == "Nothing calls for you."
    assert "put off until 2026-12-24 06:00" in " ".join(run("--state", "snoozed").split())


def test_what_cannot_be_is_said() -> None:
    one = alert()
    with pytest.raises(BadAlertFilter, match="Write one of: open, critical, snoozed, resolved"):
        run("--state", "closed")
    with pytest.raises(BadSnoozeDay, match="'soon' is not a day"):
        run("snooze", str(one.pk), "--until", "soon")
    with pytest.raises(BadSnooze, match="the moment is over already"):
        run("snooze", str(one.pk), "--until", "2026-11-22")
    with pytest.raises(UnknownAlert, match="There is no open alert"):
        run("snooze", str(one.pk + 1))
