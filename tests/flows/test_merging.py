"""Two records of one person become one: everything moves, the stricter consent holds, the old key goes on standing."""

import dataclasses
import datetime as dt
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import transaction

from reorder.domain.behaviour.models import TrackedEvent
from reorder.domain.customers.errors import CustomerErased, CustomerMerged, SameCustomer, UnknownCustomer
from reorder.domain.customers.models import Customer, Note
from reorder.domain.customers.operations import hold_merges_off
from reorder.domain.customers.queries import find_customers_by_words, get_customer
from reorder.domain.messaging import operations, queries
from reorder.domain.messaging.models import (
    ConsentEntry,
    ContactPoint,
    MarketingPause,
    MessageDecision,
    OutboxItem,
    OutboxMessage,
)
from reorder.domain.messaging.rules import DraftItem
from reorder.domain.orders.models import Order
from reorder.domain.planning.models import CustomerValue, DirtyMark, DueDate
from reorder.domain.staff.models import AuditEntry
from reorder.domain.storage import AlreadyRunning, holding_advisory_lock
from reorder.flows.consenting import refuse_mail
from reorder.flows.customer_care import Merge, merge_customers, note_customer, pause_marketing
from reorder.flows.event_intake import IncomingEvent, take_events
from reorder.flows.file_import import import_file
from reorder.flows.repeat_cycle.deciding import cycle_key
from tests.factories import customers as concluded
from tests.factories.catalog import make_product
from tests.factories.importing import ORDER_HEADER, write_lines
from tests.factories.messaging import (
    LAST_BOUGHT,
    MORNING,
    NIGHT,
    buy,
    declare,
    give_address,
    letter,
    make_customer,
    make_due,
    make_reader,
    make_run,
)
from tests.factories.racing import at_once

pytestmark = pytest.mark.django_db(transaction=True)
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def at_home(settings: LazySettings, tmp_path: Path) -> None:
    settings.REORDER = dataclasses.replace(settings.REORDER, mail_from="hello@tea.example")
    settings.HOME = tmp_path


def merge(keep: Customer, absorb: Customer, *, moment: dt.datetime = NIGHT) -> Merge:
    return merge_customers(keep_id=keep.pk, absorb_id=absorb.pk, decided_by="ann", moment=moment)


def test_orders_notes_events_messages_and_addresses_move_and_both_are_marked() -> None:
    oolong = make_product()
    mei, old = make_reader(), make_reader(key="old", name="")
    for number, customer in enumerate((mei, old, old)):
        buy(customer=customer, product=oolong, ordered_at=NIGHT - number * DAY, number=str(number))
    note_customer(customer_id=old.pk, text="rings twice", decided_by="ann", moment=NIGHT)
    viewed = IncomingEvent(message_id="1", kind="view", happened_at=NIGHT, customer_key="old", sku="OOLONG-150")
    take_events(events=[viewed], channel="file", moment=NIGHT)
    operations.plan_messages(drafts=[letter(number=1, customer=old, purpose="transactional")])
    DirtyMark.objects.all().delete()

    done = merge(mei, old)

    assert (done.orders_count, done.notes_count, done.events_count, done.messages_count) == (2, 1, 1, 1)
    assert Order.objects.filter(customer=mei).count() == 3
    assert Note.objects.get().customer_id == TrackedEvent.objects.get().customer_id == mei.pk
    assert OutboxMessage.objects.get().customer_id == mei.pk
    assert sorted(ContactPoint.objects.filter(customer=mei).values_list("address", flat=True)) == [
        "mei@example.org",
        "old@example.org",
    ]
    marks = DirtyMark.objects.filter(kind="customer").values_list("kind", "subject_key")
    assert set(marks) == {("customer", str(mei.pk)), ("customer", str(old.pk))}
    days = DirtyMark.objects.filter(kind="day").values_list("subject_key", flat=True)
    assert {key[:10] for key in days} == {"2026-11-21", "2026-11-20"}
    audited = AuditEntry.objects.get(action="customers.merge")
    assert (audited.actor, audited.subject_key, audited.details["absorbed"]) == ("ann", str(mei.pk), old.pk)


def test_gaps_of_the_kept_facts_are_filled_and_nothing_personal_stays_behind() -> None:
    kept = make_customer(key="kept", name="")
    Customer.objects.filter(pk=kept.pk).update(language="en")
    gone = make_customer(key="gone", name="Mei", language="zh-hant", time_zone="Asia/Tokyo")
    Customer.objects.filter(pk=gone.pk).update(postcode="202", birthday=dt.date(1990, 5, 1))

    merge(kept, gone)

    facts, rest = get_customer(customer_id=kept.pk), get_customer(customer_id=gone.pk)
    assert (facts.name, facts.language, facts.time_zone, facts.postcode) == ("Mei", "en", "Asia/Tokyo", "202")
    assert facts.birthday == dt.date(1990, 5, 1)
    assert (rest.name, rest.language, rest.time_zone, rest.postcode, rest.birthday) == ("", "", "", "", None)
    assert (rest.key, rest.merged_into_id, rest.merged_at) == ("gone", kept.pk, NIGHT)
    assert facts.absorbed_keys == ("gone",)
    assert find_customers_by_words(text="gone", limit=5) == [kept.pk]


@pytest.mark.parametrize(
    ("kept", "gone", "holds"),
    [
        (True, False, False),
        (False, True, False),
        (True, True, True),
        (None, True, True),
        (None, False, False),
        (True, None, True),
        (None, None, None),
    ],
)
def test_a_refusal_of_either_record_wins_whichever_was_said_last(
    kept: bool | None, gone: bool | None, holds: bool | None
) -> None:
    mei, old = make_customer(), make_customer(key="old")
    for number, (customer, said) in enumerate(((mei, kept), (old, gone))):
        if said is not None:
            declare(customer=customer, is_granted=said, declared_at=NIGHT - (3 - number) * DAY)
    before = ConsentEntry.objects.filter(customer=old).count()

    merge(mei, old)

    assert queries.find_marketing_consent(customer_id=mei.pk) is holds
    # The ledger only grows: what the absorbed record declared stays where it was.
    assert ConsentEntry.objects.filter(customer=old).count() == before


def test_a_declaration_keeps_its_moment_and_source_when_it_is_carried_over() -> None:
    mei, old = make_customer(), make_customer(key="old")
    declare(customer=old, is_granted=True, declared_at=NIGHT - 40 * DAY)
    merge(mei, old)
    carried = ConsentEntry.objects.get(customer=mei)
    assert (carried.source, carried.declared_at) == ("checkout", NIGHT - 40 * DAY)


@pytest.mark.parametrize(
    ("kept_days", "gone_days", "left"), [(5, 9, 9), (9, 5, 9), (None, 5, None), (5, None, None), (5, 5, 5)]
)
def test_of_two_pauses_the_longer_goes_on(kept_days: int | None, gone_days: int | None, left: int | None) -> None:
    def day(days: int | None) -> dt.date | None:
        return dt.date(2026, 11, 22) + dt.timedelta(days=days) if days else None

    mei, old = make_customer(), make_customer(key="old")
    for customer, days in ((mei, kept_days), (old, gone_days)):
        pause_marketing(
            customer_id=customer.pk, reason="complaint", resumes_date=day(days), decided_by="ann", moment=NIGHT
        )
    merge(mei, old)
    assert MarketingPause.objects.filter(customer=mei).count() == 2
    assert MarketingPause.objects.get(customer=mei, resumed_at__isnull=True).resumes_date == day(left)


def test_an_address_that_both_have_stays_once_and_stays_unreachable() -> None:
    mei, old = make_customer(), make_customer(key="old")
    for customer in (mei, old):
        give_address(customer=customer, address="both@example.org")
    operations.mark_unreachable(customer_id=old.pk, address="both@example.org", moment=NIGHT - DAY)
    merge(mei, old)
    point = ContactPoint.objects.get()
    assert (point.customer_id, point.unreachable_at) == (mei.pk, NIGHT - DAY)


def test_waiting_reminders_of_the_absorbed_record_are_withdrawn_and_sent_ones_count_as_reminded() -> None:
    oolong, matcha = make_product(), make_product(sku="MATCHA-30")
    mei, old = make_reader(), make_reader(key="old")

    def reminder(number: int, product_id: int, subject: str) -> None:
        key = cycle_key(customer_id=old.pk, subject_key=subject, last_bought_date=LAST_BOUGHT)
        item = DraftItem(product_id=product_id, subject_key=subject, last_bought_date=LAST_BOUGHT, cycle_key=key)
        operations.plan_messages(drafts=[letter(number=number, customer=old, items=(item,))])

    reminder(1, oolong.pk, "OOLONG-150")
    OutboxMessage.objects.update(state="sent", finished_at=NIGHT)
    reminder(2, matcha.pk, "MATCHA-30")

    assert merge(mei, old).stopped_count == 1

    states = dict(OutboxMessage.objects.values_list("subject", "outcome_code"))
    assert states == {"Letter 1": "", "Letter 2": "outbox.stopped.merged"}
    keys = {
        subject: cycle_key(customer_id=mei.pk, subject_key=subject, last_bought_date=LAST_BOUGHT)
        for subject in ("OOLONG-150", "MATCHA-30")
    }
    assert queries.list_reminded_cycles(cycle_keys=list(keys.values())) == {keys["OOLONG-150"]}
    assert OutboxItem.objects.count() == 2


def test_what_was_concluded_of_the_absorbed_record_goes_and_decisions_stand_once() -> None:
    mei, old, run = make_customer(), make_customer(key="old"), make_run()
    for customer in (mei, old):
        make_due(run=run, customer=customer)
        concluded.value(run=run, customer=customer)
        for subject in ("OOLONG-150", f"OF-{customer.key}"):
            MessageDecision.objects.create(
                run_key=run.pk, customer=customer, subject_key=subject, outcome="x", reason_code=customer.key
            )
    merge(mei, old)
    assert list(DueDate.objects.values_list("customer_id", flat=True)) == [mei.pk]
    assert list(CustomerValue.objects.values_list("customer_id", flat=True)) == [mei.pk]
    decided = MessageDecision.objects.order_by("subject_key").values_list("customer_id", "subject_key", "reason_code")
    assert list(decided) == [
        (mei.pk, "OF-mei", "mei"),
        (mei.pk, "OF-old", "old"),
        (mei.pk, "OOLONG-150", "mei"),
    ]


def test_a_file_with_the_old_key_lands_on_the_kept_record(tmp_path: Path) -> None:
    first = [ORDER_HEADER, "1,2026-03-02,old,old@example.org,OOLONG-150,1,100"]
    import_file(path=write_lines(path=tmp_path / "first.csv", lines=first))
    mei, old = make_customer(), Customer.objects.get(key="old")
    merge(mei, old)

    again = [*first, "2,2026-03-09,old,new@example.org,OOLONG-150,2,100"]
    report = import_file(path=write_lines(path=tmp_path / "second.csv", lines=again))

    assert (report.counts["orders_unchanged"], report.counts["orders_added"]) == (1, 1)
    assert report.counts["customers_added"] == 0
    assert set(Order.objects.values_list("external_id", "customer_id")) == {("1", mei.pk), ("2", mei.pk)}
    assert set(ContactPoint.objects.values_list("customer_id", "address")) == {
        (mei.pk, "old@example.org"),
        (mei.pk, "new@example.org"),
    }


def test_a_refusal_by_the_link_of_an_old_mail_reaches_the_kept_record() -> None:
    mei, old = make_reader(), make_reader(key="old")
    mark = operations.unsubscribe_token(customer_id=old.pk)
    merge(mei, old)
    refuse_mail(mark=mark, source="link", moment=MORNING)
    assert queries.find_marketing_consent(customer_id=mei.pk) is False


def test_a_chain_of_merges_leads_to_the_last_one_in_one_step() -> None:
    first, second, third = (make_customer(key=key) for key in ("a", "b", "c"))
    merge(second, first)
    merge(third, second, moment=MORNING)
    assert set(Customer.objects.filter(merged_into=third).values_list("key", flat=True)) == {"a", "b"}
    viewed = IncomingEvent(message_id="1", kind="promotion", happened_at=NIGHT, customer_key="a")
    take_events(events=[viewed], channel="file", moment=NIGHT)
    assert TrackedEvent.objects.get().customer_id == third.pk


def test_what_cannot_be_merged_is_refused_and_changes_nothing() -> None:
    mei, old, erased = make_customer(), make_customer(key="old"), make_customer(key="erased")
    Customer.objects.filter(pk=erased.pk).update(erased_at=NIGHT)
    with pytest.raises(SameCustomer):
        merge(mei, mei)
    with pytest.raises(CustomerErased):
        merge(mei, erased)
    with pytest.raises(UnknownCustomer):
        merge_customers(keep_id=mei.pk, absorb_id=2**62, decided_by="ann", moment=NIGHT)
    merge(mei, old)
    for keep, absorb in ((mei, old), (old, mei)):
        with pytest.raises(CustomerMerged, match="was merged into mei"):
            merge(keep, absorb)
    with pytest.raises(CustomerMerged):
        note_customer(customer_id=old.pk, text="x", decided_by="ann", moment=NIGHT)
    assert AuditEntry.objects.filter(action="customers.merge").count() == 1


def test_of_two_who_merge_the_same_pair_both_ways_one_succeeds() -> None:
    mei, old = make_customer(), make_customer(key="old")

    def hand(number: int) -> str:
        try:
            merge(mei, old) if number % 2 else merge(old, mei)
        except CustomerMerged:
            return "refused"
        return "merged"

    assert sorted(at_once(hand, hands=4)) == ["merged", "refused", "refused", "refused"]
    assert Customer.objects.filter(merged_into__isnull=True).count() == 1


def test_orders_that_are_imported_while_records_are_merged_all_end_on_the_kept_one(tmp_path: Path) -> None:
    mei, old = make_customer(), make_customer(key="old")
    header = ORDER_HEADER

    def hand(number: int) -> None:
        if number == 0:
            merge(mei, old)
            return
        for part in range(5):
            lines = [header, *(f"{number}-{part}-{n},2026-03-02,old,,OOLONG-150,1,100" for n in range(20))]
            while True:
                try:
                    import_file(path=write_lines(path=tmp_path / f"{number}-{part}.csv", lines=lines))
                except AlreadyRunning:
                    continue
                break

    at_once(hand, hands=3)

    assert Order.objects.count() == 200
    assert set(Order.objects.values_list("customer_id", flat=True)) == {mei.pk}


def test_events_that_are_taken_while_records_are_merged_all_end_on_the_kept_one() -> None:
    make_product()
    mei, old = make_customer(), make_customer(key="old")

    def hand(number: int) -> None:
        if number == 0:
            merge(mei, old)
            return
        for part in range(20):
            batch = [
                IncomingEvent(
                    message_id=f"{number}-{part}-{one}",
                    kind="view",
                    happened_at=NIGHT,
                    customer_key="old",
                    sku="OOLONG-150",
                )
                for one in range(10)
            ]
            take_events(events=batch, channel="file", moment=NIGHT)

    at_once(hand, hands=4)

    assert TrackedEvent.objects.count() == 600
    assert set(TrackedEvent.objects.values_list("customer_id", flat=True)) == {mei.pk}


def test_a_merge_waits_for_facts_that_are_being_written_and_gives_up_after_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("reorder.domain.customers.merging.WAIT_SECONDS", 1)
    mei, old = make_customer(), make_customer(key="old")

    def hand(number: int) -> str:
        with pytest.raises(AlreadyRunning, match="An import of customers is already running"):
            merge(mei, old)
        return "busy"

    with transaction.atomic():
        hold_merges_off()
        assert at_once(hand, hands=1) == ["busy"]
    merge(mei, old)
    assert Customer.objects.get(pk=old.pk).merged_into_id == mei.pk


def test_a_merge_waits_for_reminders_that_are_being_planned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reorder.flows.customer_care.merging.WAIT_SECONDS", 1)
    mei, old = make_customer(), make_customer(key="old")

    def hand(number: int) -> str:
        with pytest.raises(AlreadyRunning, match="planning of reminders is already running"):
            merge(mei, old)
        return "busy"

    with holding_advisory_lock(name="repeat_cycle.plan", what="planning of reminders"):
        assert at_once(hand, hands=1) == ["busy"]
