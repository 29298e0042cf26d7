"""A campaign to tea drinkers: expected, let go by somebody else, in the demand plan, sent in lots, cancelled."""

import dataclasses
import datetime as dt

import pytest
from django.conf import LazySettings

from reorder.domain.inventory import operations as inventory
from reorder.domain.marketing.campaigns import BadCampaign, CampaignMovedOn, CampaignTerms, get_campaign
from reorder.domain.marketing.proof import load_holdouts
from reorder.domain.messaging.models import OutboxMessage
from reorder.domain.planning.models import Commitment
from reorder.flows import campaigns
from reorder.flows.campaigns import sending
from reorder.flows.campaigns.deciding import OwnCampaign
from tests.factories.campaigns import make_list
from tests.factories.catalog import make_product
from tests.factories.content import make_template
from tests.factories.inventory import make_place, opening
from tests.factories.messaging import MORNING, NIGHT, make_reader

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def terms(**changes: object) -> CampaignTerms:
    values: dict[str, object] = {
        "name": "New harvest",
        "segments": ("tea", "new"),
        "excluded_segments": ("staff",),
        "template_code": "tea",
        "skus": ("OOLONG-150",),
        "starts_at": MORNING,
        "ends_at": MORNING + 3 * DAY,
        "holdout_share": 0.0,
        "response_share": 0.5,
        "units_each": 2.0,
    }
    return CampaignTerms(**(values | changes))  # type: ignore[arg-type]


@pytest.fixture
def readers() -> list[int]:
    """Five of two segments, one of whom is staff; oolong for all of them."""
    make_place()
    make_template()
    oolong = make_product()
    inventory.record_moves(moves=[opening(product_id=oolong.pk, units="3")])
    people = [make_reader(key=f"reader-{number}").pk for number in range(5)]
    make_list(code="tea", customer_ids=people[:3])
    make_list(code="new", customer_ids=people[2:])
    make_list(code="staff", customer_ids=people[4:])
    return people


def test_what_it_brings_is_said_and_planned_before_it_goes(readers: list[int], settings: LazySettings) -> None:
    draft = campaigns.create(code="harvest", terms=terms(), decided_by="ann", moment=NIGHT)
    expected = campaigns.expect(terms=draft.terms, moment=NIGHT)
    assert (expected.audience_count, expected.messages_count, expected.extra_orders) == (4, 4, 2.0)
    # 250 of margin a unit, two units an order, every second message.
    assert expected.value_minor == 25_000.0
    goods = expected.goods[0]
    assert (goods.units, goods.free_units, goods.missing_units) == (4.0, 3.0, 1.0)

    settings.REORDER = dataclasses.replace(settings.REORDER, message_approval=True)
    with pytest.raises(OwnCampaign):
        campaigns.schedule(code="harvest", decided_by="ann", moment=NIGHT)
    campaigns.submit(code="harvest", decided_by="ann", moment=NIGHT)
    with pytest.raises(OwnCampaign):
        campaigns.approve(code="harvest", decided_by="ann", moment=NIGHT)
    assert not Commitment.objects.exists()
    campaigns.approve(code="harvest", decided_by="bob", moment=NIGHT)

    planned = Commitment.objects.filter(kind="campaign", key="harvest", withdrawn_at__isnull=True)
    assert sum(row.units for row in planned) == pytest.approx(4.0)
    assert planned.order_by("date")[0].date == MORNING.date()
    assert load_holdouts().share_of(source_kind="campaign", source_key="harvest") == 0.0
    with pytest.raises(CampaignMovedOn):
        campaigns.change(code="harvest", terms=terms(), seen_at=draft.changed_at, decided_by="ann", moment=NIGHT)

    campaigns.take_back(code="harvest", decided_by="ann", moment=NIGHT)
    assert not Commitment.objects.filter(withdrawn_at__isnull=True).exists()


def test_it_goes_on_where_it_was_and_asks_nobody_twice(readers: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "LOT", 2)
    campaigns.create(code="harvest", terms=terms(), decided_by="ann", moment=NIGHT)
    campaigns.schedule(code="harvest", decided_by="ann", moment=NIGHT)
    assert campaigns.send_campaigns(moment=NIGHT - DAY) == 0
    # One lot, then the process dies.
    assert sending._send_lot(code="harvest", moment=NIGHT) == 2
    assert campaigns.send_campaigns(moment=NIGHT) == 2
    done = get_campaign(code="harvest")
    assert (done.state, dict(done.outcomes), done.audience_count) == ("sent", {"planned": 4}, 4)
    messages = OutboxMessage.objects.filter(source_kind="campaign", source_key="harvest")
    assert sorted(messages.values_list("customer_id", flat=True)) == sorted(readers[:4])
    assert set(messages.values_list("send_after", "approved_by")) == {(MORNING, "ann")}

    assert campaigns.send_campaigns(moment=NIGHT) == 0


def test_cancelling_withdraws_what_has_not_left_and_its_demand(readers: list[int]) -> None:
    campaigns.create(code="harvest", terms=terms(), decided_by="ann", moment=NIGHT)
    campaigns.schedule(code="harvest", decided_by="ann", moment=NIGHT)
    campaigns.send_campaigns(moment=NIGHT)
    assert get_campaign(code="harvest").state == "sent"
    OutboxMessage.objects.filter(customer_id=readers[0]).update(state="sent", finished_at=NIGHT)
    assert campaigns.cancel(code="harvest", decided_by="ann", moment=NIGHT) == 3
    assert get_campaign(code="harvest").state == "cancelled"
    codes = OutboxMessage.objects.exclude(state="sent").values_list("outcome_code", flat=True)
    assert set(codes) == {"outbox.stopped.campaign"}
    assert not Commitment.objects.filter(withdrawn_at__isnull=True).exists()
    with pytest.raises(CampaignMovedOn):
        campaigns.cancel(code="harvest", decided_by="ann", moment=NIGHT)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"segments": ()}, "say to which segments it goes"),
        ({"template_code": ""}, "choose a template"),
        ({"ends_at": NIGHT - DAY, "starts_at": NIGHT - 2 * DAY}, "its last day has passed"),
        ({"segments": ("nobody",)}, "nobody belongs to its segments"),
    ],
)
def test_what_is_missing_is_said(changes: dict[str, object], words: str) -> None:
    make_list(code="nobody", customer_ids=[])
    campaigns.create(
        code="harvest", terms=terms(excluded_segments=(), skus=(), **changes), decided_by="ann", moment=NIGHT
    )
    with pytest.raises(BadCampaign, match=words):
        campaigns.schedule(code="harvest", decided_by="ann", moment=NIGHT)
