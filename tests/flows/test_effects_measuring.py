"""What marketing earned: counted from messages and orders, in both arms, and never twice."""

import datetime as dt
import math

import pytest

from reorder.domain.marketing.effect_figures import FigureRow, list_history, list_latest_figures
from reorder.domain.marketing.exposures import move_exposures
from reorder.domain.marketing.models import Exposure, HoldoutChoice, Template, TemplateVersion
from reorder.domain.marketing.proof import load_holdouts, salt_of
from reorder.domain.messaging.models import OutboxMessage
from reorder.domain.messaging.operations import NewConsent, record_consents
from reorder.domain.orders.models import Order
from reorder.domain.planning.models import ContactResponse
from reorder.domain.staff.models import AuditEntry
from reorder.flows import effects
from reorder.flows.effects.errors import BadHoldout, HoldoutBlind, HoldoutTooLarge, HoldoutTooSmall, NothingToWeigh
from reorder.flows.effects.windows import choose_windows
from tests.factories.catalog import make_product
from tests.factories.effects import DECIDED, LATER, decide_messages, make_people, sell, tell
from tests.factories.messaging import declare, make_due, make_run

pytestmark = pytest.mark.django_db(transaction=True)
DAY = dt.date(2026, 11, 22)


def find(measure: str, *, kind: str = "journey", step: str = "", variant: str = "") -> FigureRow:
    wanted = (kind, step, variant, measure)
    rows = list_latest_figures()
    return next(one for one in rows if (one.source_kind, one.step_key, one.variant, one.measure) == wanted)


def test_a_journey_is_measured_from_decision_to_figures() -> None:
    oolong = make_product()
    treated = make_people(count=400, start="treated")
    held = make_people(count=200, start="held")
    nobody = make_people(count=40, start="global")
    short = decide_messages(customers=treated[:200], variant="short")
    decide_messages(customers=treated[200:399], variant="long")
    # A bounce is no reason to count for less: nobody knows whose mail of the held out would have bounced.
    decide_messages(customers=treated[399:], variant="long", state="failed")
    decide_messages(customers=held, holdout="source")
    decide_messages(customers=nobody, holdout="global")
    # The second message of the same days belongs to the same exposure of the journey, and to a step of its own.
    decide_messages(
        customers=treated[:50], source=("journey", "replenishment", "again"), decided_at=DECIDED + dt.timedelta(days=3)
    )
    bought_at = DECIDED + dt.timedelta(days=5)
    sell(customers=[*treated[:160], *treated[300:340]], product=oolong, at=bought_at)
    sell(customers=held[:40], product=oolong, at=bought_at)
    sell(customers=nobody[:4], product=oolong, at=bought_at)
    # Before the decision, after the window, and cancelled ones count nothing; those before it are the yardstick.
    sell(customers=[*treated[:100], *held[:100]], product=oolong, at=DECIDED - dt.timedelta(days=9))
    sell(customers=held[100:150], product=oolong, at=DECIDED + dt.timedelta(days=40))
    sell(customers=held[150:], product=oolong, at=bought_at, state="cancelled")
    tell(messages=short[:80], kind="clicked", at=DECIDED + dt.timedelta(days=1))
    tell(messages=short[:1], kind="complained", at=DECIDED + dt.timedelta(days=1))
    declare(customer=treated[0], is_granted=False, declared_at=DECIDED + dt.timedelta(days=2))

    made = effects.measure(as_of=DAY, moment=LATER)

    buyers = find("buyers")
    assert (buyers.treated_count, buyers.held_out_count) == (400, 200)
    assert (buyers.treated_value, buyers.held_out_value) == (0.5, 0.2)
    assert buyers.difference == pytest.approx(0.3)
    assert 0.15 < buyers.low < 0.3 < buyers.high < 0.45
    assert buyers.is_always_valid
    margin = find("margin")
    assert (margin.treated_value, margin.held_out_value) == (12_500.0, 5_000.0)
    assert margin.low > 0
    revenue = find("revenue")
    assert revenue.treated_value == 22_500.0
    assert revenue.details["attributed_orders"] == 80
    assert revenue.details["attributed_revenue"] == 80 * 45_000
    assert revenue.details["sent"] == 449
    assert find("complaints").details["is_above"] is True
    assert find("complaints").details["is_broken"] is False
    assert find("unsubscribes").treated_value == pytest.approx(1 / 400)
    # Of its steps and variants: the short one is better and proved to be so.
    assert find("buyers", step="again").treated_count == 50
    assert find("buyers", step="again").high == math.inf
    ask = find("buyers", step="ask")
    assert ask.details["winner"] == "short"
    assert [(one["name"], one["share"], one["clicks_share"]) for one in ask.details["variants"]] == [
        ("short", 0.8, 0.4),
        ("long", 0.2, 0.0),
    ]
    assert find("buyers", step="ask", variant="long").difference == pytest.approx(0.0)
    # All marketing is compared with those who hear none at all, and single sources never with them.
    whole = find("buyers", kind="global")
    assert (whole.treated_count, whole.held_out_count) == (600, 40)
    assert whole.held_out_value == 0.1
    # What was learned is there for the next decisions.
    email = ContactResponse.objects.get(scope="channel", key="email", segment="")
    assert email.lift_share > 0.2
    assert email.held_out_count == 200

    again = effects.measure(as_of=DAY, moment=LATER + dt.timedelta(hours=1))
    assert (again.exposed_count, made.exposed_count) == (0, 600 + 40 + 600 + 650)
    assert find("buyers") == buyers
    assert len(list_history(source_kind="journey", source_key="replenishment", measure="buyers", since=DAY)) == 1

    Order.objects.filter(customer__in=treated[:20], ordered_at=bought_at).update(state="cancelled")
    decide_messages(customers=treated[:10], decided_at=LATER - dt.timedelta(days=1))
    sell(customers=treated[:2], product=oolong, at=LATER)
    effects.measure(as_of=DAY, moment=LATER + dt.timedelta(days=1))
    assert Exposure.objects.filter(source_kind="journey", step_key="", customer=treated[0]).count() == 2
    assert find("buyers").treated_count == 410
    assert find("revenue").details["waiting"] == 10


def test_what_a_trial_of_variants_says_becomes_the_weights_of_their_words() -> None:
    oolong = make_product()
    template = Template.objects.create(code="due-oolong", purpose="marketing", created_by="Mei")
    versions = [
        TemplateVersion.objects.create(
            template=template,
            number=number,
            channel="email",
            language="en",
            variant=variant,
            content={},
            state="live",
            approved_at=DECIDED,
            created_by="Mei",
        )
        for number, variant in ((1, ""), (2, "short"))
    ]
    people = make_people(count=600)
    for version, group in zip(versions, (people[:300], people[300:]), strict=True):
        decide_messages(customers=group, variant=version.variant)
        OutboxMessage.objects.filter(customer__in=group).update(template_version_id=version.pk)
    sell(customers=[*people[:60], *people[300:370]], product=oolong, at=DECIDED + dt.timedelta(days=3))
    asked = {"source_kind": "journey", "source_key": "replenishment", "decided_by": "Mei"}
    with pytest.raises(NothingToWeigh, match="nothing to weigh at ask"):
        effects.adopt_weights(step_key="ask", **asked)

    effects.measure(as_of=DAY, moment=DECIDED + dt.timedelta(days=10))
    assert effects.adopt_weights(step_key="ask", **asked) == 2
    standard, short = (TemplateVersion.objects.get(pk=one.pk).weight for one in versions)
    assert 200 <= standard < short <= 800
    assert standard + short == 1_000

    sell(customers=people[370:500], product=oolong, at=DECIDED + dt.timedelta(days=4))
    effects.measure(as_of=DAY, moment=DECIDED + dt.timedelta(days=11))
    effects.adopt_weights(step_key="ask", **asked)
    assert [TemplateVersion.objects.get(pk=one.pk).weight for one in versions] == [0, 1_000]


def test_windows_follow_the_rhythm_of_the_goods_and_reminders_count_without_a_source() -> None:
    assert choose_windows(rhythms={("journey", "tea"): 24.0, ("journey", "pots"): 300.0}, shop_rhythm=9.0) == (
        {("journey", "tea"): 28, ("journey", "pots"): 56},
        14,
    )
    assert choose_windows(rhythms={}, shop_rhythm=None) == ({}, 28)
    oolong = make_product()
    run = make_run()
    people = make_people(count=4)
    for customer in people:
        make_due(run=run, customer=customer, gap_days=40.0)
    for message in decide_messages(customers=people[:2], source=("", "", "")):
        message.items.create(product=oolong, subject_key="OOLONG-150")
    OutboxMessage.objects.update(reason_code="reminder.planned")
    decide_messages(customers=people[2:], source=("", "", ""), decided_at=DECIDED, state="held_out")
    OutboxMessage.objects.filter(state="held_out").update(reason_code="reminder.held_out")

    effects.measure(as_of=DAY, moment=LATER)

    found = Exposure.objects.filter(source_kind="reminder", source_key="due").order_by("customer")
    assert [(one.arm, (one.until_at - one.exposed_at).days) for one in found] == [
        ("treated", 42),
        ("treated", 42),
        ("held_out", 42),
        ("held_out", 42),
    ]
    # Two records that are one person are not two people: the same window counts once, another one goes along.
    stranger = make_people(count=1, start="stranger")[0]
    assert move_exposures(keep_id=people[0].pk, absorb_id=people[2].pk) == 0
    assert move_exposures(keep_id=stranger.pk, absorb_id=people[0].pk) == 2
    assert Exposure.objects.filter(customer__in=[people[0], people[2]]).count() == 0


def test_holdouts_are_chosen_with_reason_and_silly_ones_refused_with_words() -> None:
    oolong = make_product()
    readers = make_people(count=3_000, start="reader")
    record_consents(
        consents=[
            NewConsent(
                customer_id=one.pk,
                is_granted=True,
                source="checkout",
                declared_at=DECIDED - dt.timedelta(days=300),
                idempotency_key=one.key,
            )
            for one in readers
        ]
    )
    sell(customers=readers, product=oolong, at=DECIDED - dt.timedelta(days=200))
    sell(customers=readers[:300], product=oolong, at=LATER - dt.timedelta(days=9))
    choice = {"source_kind": "journey", "source_key": "welcome", "note": "", "decided_by": "Mei", "moment": LATER}

    power = effects.show_power(source_kind="journey", source_key="welcome", moment=LATER, share=0.1)
    assert (power.people, power.base_share, power.is_base_measured) == (3_000, 0.1, False)
    assert [one.sight.people for one in power.weeks] == [3_000, 3_000, 3_000, 3_000]
    assert power.weeks[0].sight.least_lift_share == pytest.approx(0.59, abs=0.01)

    with pytest.raises(HoldoutTooLarge, match="Hold out 50% at most"):
        effects.choose_holdout(share=0.8, **choice)
    with pytest.raises(HoldoutTooSmall, match=r"Holding out 0\.5% measures nothing"):
        effects.choose_holdout(share=0.005, **choice)
    with pytest.raises(HoldoutBlind, match=r"With 1% held out, 30 of 3,000 people .* Hold out 50%, or nobody"):
        effects.choose_holdout(share=0.01, **choice)
    with pytest.raises(BadHoldout, match="say why in the note"):
        effects.choose_holdout(share=0.0, **choice)
    with pytest.raises(BadHoldout, match="from 0 to 100 percent"):
        effects.choose_holdout(share=float("nan"), **choice)
    with pytest.raises(BadHoldout, match="name a kind of source"):
        effects.choose_holdout(share=0.1, **(choice | {"source_kind": "global"}))
    few = effects.show_power(source_kind="journey", source_key="vip", moment=LATER, share=0.1, people=20)
    assert (few.verdict.verdict, few.verdict.suggested_share) == ("too_few", None)
    assert not HoldoutChoice.objects.exists()

    effects.choose_holdout(share=0.2, **choice)
    effects.choose_holdout(share=0.2, **choice)
    effects.choose_holdout(share=0.05, **(choice | {"source_kind": "global", "source_key": ""}))
    effects.choose_holdout(share=0.0, **(choice | {"note": "everybody must hear of the recall"}))
    held = load_holdouts()
    assert held.global_share == 0.05
    assert held.share_of(source_kind="journey", source_key="welcome") == 0.0
    assert held.share_of(source_kind="journey", source_key="other") == 0.1
    assert (salt_of(source_kind="reminder", source_key="due"), salt_of(source_kind="journey", source_key="a")) == (
        "reminders",
        "journey:a",
    )
    assert AuditEntry.objects.filter(action="marketing.choose_holdout").count() == 3
