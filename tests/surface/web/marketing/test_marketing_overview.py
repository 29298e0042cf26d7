"""The overview of marketing and its calendar: what waits, what went out, and what stands on which day."""

import datetime as dt
import html
import re

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from reorder.domain.marketing.models import Campaign, Template, TemplateVersion
from reorder.domain.messaging.models import OutboxMessage
from tests.factories.effects import decide_messages, make_people
from tests.factories.staff import sign_in

pytestmark = pytest.mark.django_db

# 20:00 on a Saturday in Taipei.
NOW = dt.datetime(2026, 11, 28, 12, tzinfo=dt.UTC)


def text_of(answer: HttpResponse) -> str:
    assert answer.status_code == 200
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())))


def day_of(answer: HttpResponse, day: str) -> str:
    """What one field of the calendar says, by its whole date."""
    (found,) = [
        one for one in re.findall(r'<li class="month-day.*?</li>', answer.content.decode(), re.DOTALL) if day in one
    ]
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found)))


def campaign(code: str, name: str, *, state: str, starts_at: dt.datetime, days: int = 0) -> None:
    Campaign.objects.create(
        code=code,
        name=name,
        state=state,
        starts_at=starts_at,
        ends_at=starts_at + dt.timedelta(days=days, hours=1),
        audience_count=1200,
        created_by="ann",
        changed_at=NOW,
    )


def test_what_waits_what_went_out_and_what_comes_stand_on_the_desk(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REORDER_CLOCK", NOW.isoformat())
    sign_in(client, role="marketer")
    before = text_of(client.get("/marketing/"))
    assert "Nothing waits for you. No journey is on yet." in before
    assert "No marketing message has left in four weeks." in before
    assert "Nothing stands in this month yet." in text_of(client.get("/marketing/calendar/?month=2026-07"))

    people = make_people(count=3)
    decide_messages(customers=people[:2], decided_at=NOW - dt.timedelta(days=3))
    decide_messages(customers=people[2:], decided_at=NOW + dt.timedelta(hours=5), state="planned")
    OutboxMessage.objects.filter(state="planned").update(finished_at=None)
    campaign("double-eleven", "Harvest", state="scheduled", starts_at=NOW + dt.timedelta(days=1), days=1)
    campaign("wrapped", "Gift wrap", state="submitted", starts_at=NOW + dt.timedelta(days=2))
    campaign("never", "Never", state="cancelled", starts_at=NOW)
    template = Template.objects.create(code="due", kind="due", name="Due", created_by="ann")
    TemplateVersion.objects.create(
        template=template, number=1, channel="email", language="en", content={}, state="waiting", created_by="ann"
    )

    with CaptureQueriesContext(connection) as asked:
        page = text_of(client.get("/marketing/"))
    assert len(asked) <= 12
    assert "Going out 1 message goes in the coming 24 hours" in page
    assert "Campaigns that wait for your word 1 somebody else wrote them" in page
    assert "Content that waits for your word 1 version of a template" in page
    assert "Campaigns to come 1 the next one on" in page
    assert "2 marketing messages left in four weeks" in page

    calendar = client.get("/marketing/calendar/")
    assert "2 messages left" in day_of(calendar, "2026-11-25")
    # 01:00 on Sunday in Taipei is still Saturday in London: the shop's day counts.
    assert "1 planned" in day_of(calendar, "2026-11-29")
    assert "Harvest 1,200 people" in day_of(calendar, "2026-11-29")
    assert "Harvest still under way" in day_of(calendar, "2026-11-30")
    assert "Gift wrap waits for a word" in day_of(calendar, "2026-11-30")
    assert "Never" not in text_of(calendar)
    for nonsense in ("2026-13", "99999-01", "0000-00", "x"):
        assert "today" in text_of(client.get(f"/marketing/calendar/?month={nonsense}"))
