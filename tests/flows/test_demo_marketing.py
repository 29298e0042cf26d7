"""The demonstration's marketing desk: through the doors of people, once, and nothing goes before somebody approves it."""

import datetime as dt

import pytest

from reorder.domain.marketing.campaigns import get_campaign
from reorder.domain.marketing.content import list_templates
from reorder.domain.marketing.journeys.keeping import list_journeys
from reorder.domain.marketing.models import Fact
from reorder.domain.marketing.segments import list_segments
from reorder.domain.messaging.models import OutboxMessage
from reorder.flows.content.ready_made import ready_made_codes
from reorder.flows.demo_shop.marketing import CAMPAIGN, COLLEAGUE, JOURNEYS, SEGMENTS, open_marketing_desk
from reorder.flows.demo_shop.ordering import place_demo_orders
from tests.factories.placing import stock_up

NOW = dt.datetime(2026, 11, 27, 6, 0, tzinfo=dt.UTC)  # a Friday


@pytest.mark.django_db(transaction=True)
def test_a_newcomer_finds_a_living_desk_and_nothing_on_its_way() -> None:
    for number in range(8):
        stock_up(sku=f"TEA-{number}", units=400)
    assert open_marketing_desk(moment=NOW) == len(ready_made_codes())
    assert open_marketing_desk(moment=NOW) == 0
    place_demo_orders(moment=NOW)

    assert {row.code for row in list_templates()} == set(ready_made_codes())
    assert [(row.code, row.state) for row in list_journeys()] == [(code, "live") for code in sorted(JOURNEYS)]
    assert {row.code for row in list_segments()} == set(SEGMENTS)
    campaign = get_campaign(code=CAMPAIGN)
    assert (campaign.state, campaign.submitted_by) == ("submitted", COLLEAGUE)
    assert "synthetic" in campaign.terms.name
    assert campaign.terms.starts_at == dt.datetime(2026, 11, 28, 2, 0, tzinfo=dt.UTC)
    assert len(campaign.terms.skus) == 3
    # The journeys were listening when the live orders came.
    assert Fact.objects.filter(kind="ordered").count() > 0
    assert not OutboxMessage.objects.filter(purpose="marketing").exists()
