"""Wishes, words, pauses, stock and hours in any order: what leaves the outbox never breaks a rule."""

import datetime as dt
import itertools
from zoneinfo import ZoneInfo

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from reorder.domain.customers.models import Customer
from reorder.domain.inventory import operations as inventory
from reorder.domain.marketing.proof import record_holdout, salt_of
from reorder.domain.marketing.waiting_models import WaitingMessage
from reorder.domain.marketing.wanted import WantedMessage
from reorder.domain.messaging.models import MarketingPause, OutboxMessage
from reorder.domain.messaging.operations import claim_messages
from reorder.engine.contact import is_held_out
from reorder.flows.contacting import look_again, propose, recheck_due
from tests.factories.catalog import make_product
from tests.factories.content import make_template
from tests.factories.inventory import make_place, opening, shipment, stock_at
from tests.factories.messaging import NIGHT, declare, make_reader

pytestmark = pytest.mark.django_db
ZONES = ("", "America/New_York", "Europe/Berlin")
HOUR = dt.timedelta(hours=1)
HELD_SHARE = 0.3
_numbers = itertools.count(1)


class Outbox(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        # What an earlier walk left behind is not this one's.
        WaitingMessage.objects.all().delete()
        OutboxMessage.objects.exclude(state="sent").update(state="stopped", finished_at=NIGHT)
        self.moment = NIGHT
        self.serial = itertools.count(1)
        self.name = f"m{next(_numbers)}"
        self.sku = f"TEA-{self.name}"
        self.product = make_product(sku=self.sku)
        self.people = [
            make_reader(key=f"{self.name}-{n}", name=f"Mei {n}", time_zone=zone) for n, zone in enumerate(ZONES)
        ]
        self.agrees = {person.pk: True for person in self.people}
        self.left: list[tuple[int, dt.datetime]] = []
        # Once there was some, it is goods that we keep.
        self.receive(units=1)

    @rule(who=st.integers(0, 2), value=st.integers(0, 9), days=st.integers(0, 9), names_goods=st.booleans())
    def wish(self, who: int, value: int, days: int, names_goods: bool) -> None:
        propose(
            wanted=[
                WantedMessage(
                    key=f"{self.name}-{next(self.serial)}",
                    customer_id=self.people[who].pk,
                    purpose="marketing",
                    source_kind="journey",
                    source_key="due",
                    template_code="tea",
                    skus=(self.sku,) if names_goods else (),
                    earliest_at=self.moment,
                    latest_at=self.moment + days * 24 * HOUR,
                    value_minor=float(value),
                    reason_code="reminder.planned",
                )
            ],
            moment=self.moment,
        )

    @rule(who=st.integers(0, 2), agrees=st.booleans())
    def say(self, who: int, agrees: bool) -> None:
        person = self.people[who]
        declare(
            customer=person, is_granted=agrees, declared_at=self.moment + next(self.serial) * dt.timedelta(seconds=1)
        )
        self.agrees[person.pk] = agrees

    @rule(who=st.integers(0, 2))
    def pause(self, who: int) -> None:
        person = self.people[who]
        if not MarketingPause.objects.filter(customer=person, resumed_at__isnull=True).exists():
            MarketingPause.objects.create(
                customer=person, reason="late", paused_at=self.moment, paused_by="system", cause="parcel"
            )

    @rule()
    def resume(self) -> None:
        MarketingPause.objects.filter(customer__in=self.people).update(resumed_at=self.moment)

    @rule(units=st.integers(1, 2))
    def receive(self, units: int) -> None:
        key = f"{self.name}-in-{next(self.serial)}"
        inventory.record_moves(moves=[opening(product_id=self.product.pk, units=units, key=key)])

    @rule()
    def sell(self) -> None:
        units = stock_at(sku=self.sku)
        if units:
            key = f"{self.name}-out-{next(self.serial)}"
            inventory.record_moves(moves=[shipment(product_id=self.product.pk, units=str(units), key=key)])

    @rule(hours=st.integers(1, 30))
    def wait(self, hours: int) -> None:
        self.moment += hours * HOUR
        look_again(moment=self.moment)
        self.send()

    def send(self) -> None:
        recheck_due(moment=self.moment)
        for claimed in claim_messages(moment=self.moment, limit=50):
            self._judge(OutboxMessage.objects.get(pk=claimed.id))
        OutboxMessage.objects.filter(state="sending").update(state="sent", finished_at=self.moment)

    def _judge(self, message: OutboxMessage) -> None:
        person = Customer.objects.get(pk=message.customer_id or 0)
        assert self.agrees[person.pk]
        assert not MarketingPause.objects.filter(customer=person, resumed_at__isnull=True).exists()
        assert not is_held_out(
            salt=salt_of(source_kind="journey", source_key="due"), customer_id=person.pk, share=HELD_SHARE
        )
        assert 8 <= self.moment.astimezone(ZoneInfo(person.time_zone or "Asia/Taipei")).hour < 20
        if message.items.exists():
            # A receipt is what it may have counted on; what was sold since has held it.
            assert stock_at(sku=self.sku) > 0
        self.left.append((person.pk, self.moment))
        own = sorted(at for number, at in self.left if number == person.pk)
        assert all(b - a >= 24 * HOUR for a, b in itertools.pairwise(own))
        assert all(c - a >= 7 * 24 * HOUR for a, c in zip(own, own[2:], strict=False))


def test_nothing_leaves_that_must_not_whatever_the_order_of_events() -> None:
    make_place()
    make_template()
    record_holdout(source_kind="journey", source_key="", share=HELD_SHARE, note="", decided_by="Lin", decided_at=NIGHT)
    run_state_machine_as_test(
        Outbox, settings=settings(max_examples=8, stateful_step_count=16, deadline=None, print_blob=False)
    )
