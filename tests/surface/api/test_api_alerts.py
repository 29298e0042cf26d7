"""Alerts by the API: listed by money at stake, put off."""

import datetime as dt

import pytest

from reorder.domain.planning.models import Alert
from tests.factories.api import call_as
from tests.factories.catalog import make_product
from tests.factories.inventory import KEELUNG

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 23, 1, 30, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def monday(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REORDER_CLOCK", NOW.isoformat())


def alert(*, sku: str, stake_minor: int, place: str = KEELUNG, kind: str = "runs_out") -> Alert:
    return Alert.objects.create(
        kind=kind,
        key=f"{sku}|{place}",
        subject=sku,
        place_code=place,
        severity=2,
        stake_minor=stake_minor,
        currency="TWD",
        probability=0.93,
        reason_code="alert.runs_out.none",
        reason_parameters={"percent": "93", "free": "5", "expected": "12", "until_date": "2026-11-29"},
        first_seen_at=NOW,
        last_seen_at=NOW,
    )


def test_alerts_are_listed_page_by_page_by_money_at_stake() -> None:
    make_product()
    for sku, stake in (("MATCHA-30", 10_000), ("OOLONG-150", 120_050), ("PUERH-357", 50_000)):
        alert(sku=sku, stake_minor=stake)
    caller = call_as(scopes=["proposals:read"])

    first = caller.get("/alerts", limit=2)
    second = caller.get("/alerts", limit=2, cursor=first.body["next_cursor"])

    assert [one["name"] for one in first.body["items"]] == ["Oolong 150 g", "PUERH-357"]
    assert [one["name"] for one in second.body["items"]] == ["MATCHA-30"]
    assert second.body["next_cursor"] is None
    oolong = first.body["items"][0]
    assert (oolong["kind"], oolong["severity"], oolong["sku"]) == ("runs_out", "warning", "OOLONG-150")
    assert (oolong["money_at_stake"], oolong["currency"], oolong["probability"]) == ("1200.5", "TWD", 0.93)
    assert oolong["reason"].startswith("93% likely to run out before 2026-11-29")


def test_filters_and_places_limit_what_is_seen() -> None:
    alert(sku="OOLONG-150", stake_minor=1)
    alert(sku="MATCHA-30", stake_minor=1, place="KAOHSIUNG", kind="excess")
    everything, keelung = call_as(scopes=["proposals:read"]), call_as(scopes=["proposals:read"], places=[KEELUNG])
    assert [one["kind"] for one in everything.get("/alerts", kind="excess").body["items"]] == ["excess"]
    assert [one["place"] for one in keelung.get("/alerts").body["items"]] == [KEELUNG]
    assert everything.get("/alerts", kind="nothing").status == 422
    assert everything.get("/alerts", cursor="x").status == 422


def test_a_program_puts_alerts_off_all_or_none() -> None:
    one = alert(sku="OOLONG-150", stake_minor=1)
    caller = call_as(scopes=["proposals:write"])
    until = "2026-11-25T09:00:00+08:00"

    refused = caller.post("/alerts/snooze", {"ids": [one.pk, one.pk + 1], "until": until})
    assert (refused.status, refused.code) == (404, "planning.unknown_alert")
    assert caller.post("/alerts/snooze", {"ids": [one.pk], "until": until, "note": "known"}).body == {"snoozed": 1}
    past = caller.post("/alerts/snooze", {"ids": [one.pk], "until": "2026-11-20T09:00:00+08:00"})
    assert (past.status, past.code) == (422, "planning.bad_snooze")

    assert caller.get("/alerts").body["items"] == []
    (snoozed,) = caller.get("/alerts", state="snoozed").body["items"]
    assert (snoozed["snoozed_until"], snoozed["snooze_note"]) == ("2026-11-25T01:00:00Z", "known")
