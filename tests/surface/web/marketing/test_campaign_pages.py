"""Campaigns, tonight, limits and the page that tells why, as people of the marketing desk use them."""

import datetime as dt
import re

import pytest
from django.test import Client

from reorder.domain.marketing import limits
from reorder.domain.marketing.campaigns import get_campaign
from reorder.domain.marketing.wanted import WantedMessage
from reorder.domain.messaging.models import OutboxMessage
from reorder.domain.staff.models import AuditEntry
from reorder.flows.contacting import propose
from tests.factories.campaigns import make_list
from tests.factories.content import make_template
from tests.factories.customers import NOW
from tests.factories.messaging import make_reader
from tests.factories.staff import sign_in

pytestmark = pytest.mark.django_db
MOMENT = dt.datetime.fromisoformat(NOW)


@pytest.fixture
def client_of_owner(monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setenv("REORDER_CLOCK", NOW)
    client = Client()
    sign_in(client)
    return client


def text_of(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_a_campaign_is_written_let_go_and_cancelled(client_of_owner: Client) -> None:
    mei = make_reader()
    make_template()
    make_list(code="tea", customer_ids=[mei.pk])
    form = {
        "name": "New harvest",
        "code": "harvest",
        "segments": ["tea"],
        "template_code": "tea",
        "channels": ["email"],
        "stock_rule": "drop",
        "timing": "best_hour",
        "starts_at": "2026-11-23T10:00",
        "ends_at": "2026-11-25T10:00",
        "holdout_percent": "0",
        "response_percent": "2",
        "units_each": "1",
    }
    wrong = client_of_owner.post("/marketing/campaigns/create", form | {"ends_at": "2026-11-22T10:00"})
    assert (wrong.status_code, b"it must end after it begins" in wrong.content) == (422, True)
    never = client_of_owner.post("/marketing/campaigns/create", form | {"starts_at": "0001-01-01T00:00"})
    assert (never.status_code, b"This day is too far away." in never.content) == (422, True)
    made = client_of_owner.post("/marketing/campaigns/create", form)
    assert made.headers["Location"] == "/marketing/campaigns/harvest/"
    assert get_campaign(code="harvest").terms.starts_at == dt.datetime(2026, 11, 23, 2, 0, tzinfo=dt.UTC)
    assert "People 1" in text_of(client_of_owner, "/marketing/campaigns/harvest/")

    seen = get_campaign(code="harvest").changed_at.isoformat()
    client_of_owner.post("/marketing/campaigns/harvest/change", form | {"name": "First harvest", "seen": seen})
    again = client_of_owner.post("/marketing/campaigns/harvest/change", form | {"seen": MOMENT.isoformat()})
    assert (get_campaign(code="harvest").terms.name, again.status_code) == ("New harvest", 302)
    stale = client_of_owner.post("/marketing/campaigns/harvest/change", form | {"seen": "2026-01-01T00:00:00+00:00"})
    assert (stale.status_code, b"look at it again" in stale.content) == (422, True)

    client_of_owner.post("/marketing/campaigns/harvest/decide", {"do": "schedule"})
    assert get_campaign(code="harvest").state == "scheduled"
    client_of_owner.post("/marketing/campaigns/harvest/decide", {"do": "cancel"})
    refused = client_of_owner.post("/marketing/campaigns/harvest/decide", {"do": "schedule"})
    assert refused.status_code == 409
    assert "New harvest" in text_of(client_of_owner, "/marketing/campaigns/?tab=over")
    assert text_of(client_of_owner, "/marketing/campaigns/nothing/", status=404)


def test_tonight_is_looked_at_and_stopped_and_support_sees_why(client_of_owner: Client) -> None:
    mei, lin = make_reader(), make_reader(key="lin", name="Lin")
    make_template()
    wishes = [
        WantedMessage(
            key=f"{person.key}-{number}",
            customer_id=person.pk,
            purpose="marketing",
            source_kind="campaign",
            source_key="harvest",
            template_code="tea",
            earliest_at=MOMENT,
            latest_at=MOMENT + dt.timedelta(days=3),
            reason_code="campaign.audience",
            reason_parameters={"campaign": "New harvest"},
        )
        for person, number in ((mei, 1), (mei, 2), (lin, 1))
    ]
    made = propose(wanted=wishes, moment=MOMENT)
    assert sorted(one.outcome for one in made).count("rescheduled") == 1

    tonight = text_of(client_of_owner, "/marketing/tonight/")
    assert "Campaign harvest" in tonight
    assert "… messages in … hours are the most" in tonight
    people = text_of(client_of_owner, "/marketing/tonight/people?kind=campaign&key=harvest")
    assert "Belongs to the people of the campaign New harvest." in people

    why = text_of(client_of_owner, f"/marketing/why/{mei.pk}/")
    assert "1 messages in 24 hours are the most; the next free day is waited for." in why
    assert "Frequency cap" in why
    newest = max(one.message_id or 0 for one in made)
    gone = {"kind": "campaign", "key": "harvest", "newest": str(newest), "do": "stop"}
    client_of_owner.post("/marketing/tonight/decide", gone)
    assert not OutboxMessage.objects.filter(state="planned").exists()
    assert AuditEntry.objects.filter(action="messages.stop_source").count() == 1


def test_limits_are_laid_down_and_hold(client_of_owner: Client) -> None:
    form = {
        "per_day": "2",
        "per_week": "3",
        "first_hour": "9",
        "last_hour": "18",
        "promise_percent": "50",
        "margin_percent": "10",
        "week_line": "1",
        "cost_line": "0.2",
    }
    crossed = client_of_owner.post("/marketing/tonight/limits/change", form | {"last_hour": "8"})
    assert (crossed.status_code, b"must come before the last one" in crossed.content) == (422, True)
    assert client_of_owner.post("/marketing/tonight/limits/change", form).status_code == 302
    held = limits.find_limits()
    assert (held.per_day, held.per_week, held.first_hour, held.last_hour) == (2, 3, 9, 18)
    assert (dict(held.channel_caps), dict(held.costs), held.promise_units) == ({"line": (None, 1)}, {"line": 0.2}, 0.5)
    assert "Laid down by owner" in text_of(client_of_owner, "/marketing/tonight/limits")
