"""Paying and giving back: every amount in its place, once for its key, and never more back than came."""

import dataclasses
import datetime as dt

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction

from reorder.domain.customers.errors import UnknownCustomer
from reorder.domain.orders.errors import UnknownOrder
from reorder.domain.orders.life import lock_order
from reorder.domain.orders.models import Order, OrderEvent
from reorder.domain.payments import credit
from reorder.domain.payments.errors import (
    BadPaymentAmount,
    NotEnoughCredit,
    PaymentKeyReused,
    RefundTooLarge,
    UnknownPayment,
    UnknownProvider,
    UnknownRefund,
    WayNotOffered,
)
from reorder.domain.payments.models import CreditBalance, Payment, PaymentEntry, Refund
from reorder.domain.payments.queries import (
    compare_payments_with_entries,
    find_payment_by_reference,
    list_open_payments,
    list_owed_refunds,
    list_payments_of_order,
)
from reorder.domain.payments.rules import is_reference
from reorder.domain.staff.models import AuditEntry
from reorder.flows import paying
from reorder.flows.customer_care import merge_customers
from tests.factories.pricing import NOON, make_customer, make_order
from tests.factories.racing import at_once

pytestmark = pytest.mark.django_db
ACCOUNT = "First Bank 007, 123-45-678901"


@pytest.fixture(autouse=True)
def _account(monkeypatch):
    monkeypatch.setattr(settings, "REORDER", dataclasses.replace(settings.REORDER, transfer_account=ACCOUNT))


def ask(order, provider="bank_transfer", *, key="ask", **more):
    return paying.ask_payment(order_id=order.pk, provider=provider, key=key, actor="Mei", moment=NOON, **more)


def confirm(asked, dollars, *, key="receipt", **more):
    return paying.confirm_payment(
        payment_id=asked.payment.id, received_minor=dollars * 100, key=key, actor="Lin", moment=NOON, **more
    )


def refund(order, dollars=None, *, key="refund", **more):
    amount = None if dollars is None else dollars * 100
    return paying.refund_order(order_id=order.pk, amount_minor=amount, key=key, actor="Lin", moment=NOON, **more)


def give(customer, dollars, *, key="give"):
    return paying.give_store_credit(
        customer_id=customer.pk,
        amount_minor=dollars * 100,
        currency="TWD",
        reason="Sorry",
        key=key,
        actor="Lin",
        moment=NOON,
    )


def money_of(order):
    order.refresh_from_db()
    return order.payment_state, order.paid_minor // 100, order.refunded_minor // 100, order.hold_reasons


def kinds_of(order):
    return list(OrderEvent.objects.filter(order=order).order_by("pk").values_list("kind", flat=True))


def test_a_bank_transfer_is_told_with_account_and_reference_and_the_order_waits():
    order = make_order(hold_reasons=[])

    asked = ask(order)

    assert asked.account == ACCOUNT
    assert is_reference(text=asked.payment.reference)
    assert asked.payment.expires_at == NOON + dt.timedelta(days=3)
    assert asked.must_wait
    assert money_of(order) == ("unpaid", 0, 0, ["awaiting_payment"])
    assert kinds_of(order) == ["payment_asked", "held"]
    assert find_payment_by_reference(reference=f" {asked.payment.reference} ").order_id == order.pk


def test_a_transfer_that_came_in_full_lets_the_order_go():
    order = make_order()
    asked = ask(order)

    confirmed = confirm(asked, 900, note="12345")

    assert (confirmed.payment.state, confirmed.missing_minor, confirmed.excess_minor) == ("paid", 0, 0)
    assert confirmed.is_hold_lifted
    assert money_of(order) == ("paid", 900, 0, [])
    assert kinds_of(order) == ["payment_asked", "unheld", "payment_received"]


def test_less_than_was_asked_leaves_the_rest_open_and_the_order_waiting():
    order = make_order()
    asked = ask(order)

    first = confirm(asked, 500, key="1")
    second = confirm(asked, 400, key="2")

    assert (first.payment.state, first.missing_minor // 100, first.is_hold_lifted) == ("part_paid", 400, False)
    assert (second.payment.state, second.missing_minor, second.is_hold_lifted) == ("paid", 0, True)
    assert money_of(order) == ("paid", 900, 0, [])


def test_more_than_was_asked_is_taken_and_told_and_the_excess_goes_back():
    order = make_order()

    confirmed = confirm(ask(order), 1000)
    refund(order, 100)

    assert confirmed.excess_minor == 10_000
    assert money_of(order) == ("paid", 1000, 100, [])


def test_the_same_key_again_changes_nothing():
    order = make_order()
    asked = ask(order)

    assert ask(order).payment == asked.payment
    confirm(asked, 500)
    assert confirm(asked, 500).missing_minor == 40_000
    refund(order, 200)
    again = refund(order, 200)

    assert money_of(order)[:3] == ("unpaid", 500, 200)
    assert again.amount_minor == 20_000
    assert (PaymentEntry.objects.count(), Refund.objects.count()) == (2, 1)
    assert kinds_of(order) == ["payment_asked", "payment_received", "refund_made"]


def test_a_key_that_stands_for_something_else_is_refused():
    first, second = make_order(number="R-1"), make_order(number="R-2")
    asked = ask(first)
    confirm(asked, 500)

    with pytest.raises(PaymentKeyReused):
        ask(second)
    with pytest.raises(PaymentKeyReused):
        confirm(asked, 400)
    assert money_of(second)[0] == "unpaid"


def test_cash_on_delivery_lets_the_order_go_and_is_paid_at_the_door():
    order = make_order()

    asked = ask(order, "cash_on_delivery")
    assert money_of(order) == ("cash_on_delivery", 0, 0, [])
    assert not asked.must_wait

    collected = paying.collect_cash_on_delivery(order_id=order.pk, actor="carrier", moment=NOON)
    again = paying.collect_cash_on_delivery(order_id=order.pk, actor="carrier", moment=NOON)

    assert collected.payment.received_minor == 90_000
    assert again is None
    assert money_of(order) == ("paid", 900, 0, [])


def test_store_credit_pays_at_once_and_the_rest_by_transfer():
    order = make_order()
    give(order.customer, 200)

    first = ask(order, "store_credit", key="1", amount_minor=20_000)
    second = ask(order, key="2")

    assert (first.payment.state, second.payment.amount_minor) == ("paid", 70_000)
    assert credit.get_balance(customer_id=order.customer_id, currency="TWD") == 0
    assert money_of(order) == ("unpaid", 200, 0, ["awaiting_payment"])
    confirm(second, 700)
    assert money_of(order) == ("paid", 900, 0, [])


def test_store_credit_that_does_not_reach_changes_nothing():
    order = make_order()
    give(order.customer, 100)

    with pytest.raises(NotEnoughCredit, match=r"NT\$900 is wanted, NT\$100 is there"):
        ask(order, "store_credit")

    assert credit.get_balance(customer_id=order.customer_id, currency="TWD") == 10_000
    assert list_payments_of_order(order_id=order.pk) == []
    assert money_of(order)[0] == "unpaid"


def test_store_credit_after_cash_on_delivery_leaves_the_rest_to_the_door():
    order = make_order(hold_reasons=[])
    give(order.customer, 200)
    ask(order, "cash_on_delivery", key="1")

    ask(order, "store_credit", key="2", amount_minor=20_000)

    assert money_of(order) == ("cash_on_delivery", 200, 0, [])
    assert [
        (one.provider, one.amount_minor // 100, one.state) for one in list_payments_of_order(order_id=order.pk)
    ] == [
        ("cash_on_delivery", 700, "owed"),
        ("store_credit", 200, "paid"),
    ]
    collected = paying.collect_cash_on_delivery(order_id=order.pk, actor="carrier", moment=NOON)
    assert collected.payment.received_minor == 70_000
    assert money_of(order)[:2] == ("paid", 900)


def test_an_order_that_came_in_as_paid_at_the_door_is_collected_too():
    order = make_order(payment_state="cash_on_delivery", hold_reasons=[])

    paying.collect_cash_on_delivery(order_id=order.pk, actor="carrier", moment=NOON)

    assert money_of(order)[:2] == ("paid", 900)
    assert compare_payments_with_entries() == []


def test_at_the_door_is_collected_what_the_order_owes_by_then():
    order = make_order(hold_reasons=[])
    ask(order, "cash_on_delivery")
    Order.objects.filter(pk=order.pk).update(goods_minor=60_000, total_minor=60_000)

    paying.collect_cash_on_delivery(order_id=order.pk, actor="carrier", moment=NOON)

    assert money_of(order)[:2] == ("paid", 600)


def test_another_way_of_paying_ends_the_one_before():
    order = make_order()
    ask(order, key="1")

    ask(order, "cash_on_delivery", key="2")

    assert [(one.provider, one.state) for one in list_payments_of_order(order_id=order.pk)] == [
        ("bank_transfer", "ended"),
        ("cash_on_delivery", "owed"),
    ]


def test_money_for_an_ended_payment_is_taken_all_the_same():
    order = make_order()
    first = ask(order, key="1")
    ask(order, "cash_on_delivery", key="2")

    confirm(first, 900)

    assert money_of(order) == ("paid", 900, 0, [])
    assert list_open_payments() == []


def test_an_order_that_owes_nothing_is_paid_without_a_payment():
    order = make_order(goods_minor=90_000, discount_minor=90_000, total_minor=0)

    asked = ask(order)

    assert (asked.payment, asked.must_wait) == (None, False)
    assert money_of(order) == ("paid", 0, 0, [])


def test_a_refund_of_everything_waits_for_a_person_to_send_it():
    order = make_order()
    confirm(ask(order), 900)

    made = refund(order, reason="Came broken")

    assert (made.amount_minor, made.owed_minor, made.payment_state) == (90_000, 90_000, "refunded")
    assert [one.id for one in list_owed_refunds()] == [made.refunds[0].id]
    paying.confirm_refund_sent(refund_id=made.refunds[0].id, actor="Lin", moment=NOON)
    sent = paying.confirm_refund_sent(refund_id=made.refunds[0].id, actor="Wu", moment=NOON)
    assert (sent.state, list_owed_refunds()) == ("sent", [])
    assert kinds_of(order)[-2:] == ["refund_made", "refund_sent"]
    assert AuditEntry.objects.get(action="payments.refund").subject_key == "R-1"


def test_a_part_goes_back_as_store_credit_at_once():
    order = make_order()
    confirm(ask(order), 900)

    made = refund(order, 300, way="store_credit")

    assert (made.owed_minor, made.payment_state) == (0, "part_refunded")
    assert credit.get_balance(customer_id=order.customer_id, currency="TWD") == 30_000


def test_what_was_paid_by_two_ways_goes_back_the_way_it_came_the_latest_first():
    order = make_order()
    give(order.customer, 200)
    ask(order, "store_credit", key="1", amount_minor=20_000)
    confirm(ask(order, key="2"), 700)

    made = refund(order, 800)

    assert [(one.provider, one.amount_minor // 100, one.state) for one in made.refunds] == [
        ("bank_transfer", 700, "owed"),
        ("store_credit", 100, "sent"),
    ]
    assert credit.get_balance(customer_id=order.customer_id, currency="TWD") == 10_000


def test_never_more_goes_back_than_came():
    order = make_order()
    confirm(ask(order), 900)
    refund(order, 600, key="1")

    with pytest.raises(RefundTooLarge, match=r"NT\$301 is more than can be given back: NT\$300"):
        refund(order, 301, key="2")
    assert money_of(order)[:3] == ("part_refunded", 900, 600)


def test_an_order_that_was_paid_elsewhere_can_be_given_back_too():
    order = make_order(payment_state="paid", paid_minor=90_000, hold_reasons=[])

    made = refund(order, 900)

    assert [(one.provider, one.state) for one in made.refunds] == [("elsewhere", "owed")]
    assert money_of(order)[:3] == ("refunded", 900, 900)
    assert compare_payments_with_entries() == []


def test_a_total_that_grew_makes_the_order_owe_again_and_one_that_shrank_is_paid():
    order = make_order()
    confirm(ask(order), 900)

    Order.objects.filter(pk=order.pk).update(goods_minor=95_000, total_minor=95_000)
    paying.restate_payment(order_id=order.pk, actor="Lin", moment=NOON)
    assert money_of(order) == ("unpaid", 900, 0, ["awaiting_payment"])

    Order.objects.filter(pk=order.pk).update(goods_minor=80_000, total_minor=80_000)
    paying.restate_payment(order_id=order.pk, actor="Lin", moment=NOON)
    assert money_of(order) == ("paid", 900, 0, [])


def test_transfers_that_never_came_are_listed_when_their_time_is_over():
    late, part, paid = (make_order(number=f"R-{number}") for number in range(3))
    ask(late, key="1")
    confirm(ask(part, key="2"), 100, key="2")
    confirm(ask(paid, key="3"), 900, key="3")

    def expiring(days):
        found = paying.list_orders_to_expire(moment=NOON + dt.timedelta(days=days))
        return [one.order_id for one in found]

    assert expiring(2) == []
    assert expiring(3) == [late.pk]


def test_store_credit_is_given_and_taken_with_the_audit_trail():
    mei = make_customer()

    assert give(mei, 500) == 50_000
    assert give(mei, 500) == 50_000
    taken = paying.take_store_credit(
        customer_id=mei.pk, amount_minor=20_000, currency="TWD", reason="", key="take", actor="Lin", moment=NOON
    )
    with pytest.raises(NotEnoughCredit):
        paying.take_store_credit(
            customer_id=mei.pk, amount_minor=40_000, currency="TWD", reason="", key="take2", actor="Lin", moment=NOON
        )

    assert taken == 30_000
    assert [(one.kind, one.amount_minor) for one in credit.list_credit_moves(customer_id=mei.pk)] == [
        ("taken_back", -20_000),
        ("given", 50_000),
    ]
    assert AuditEntry.objects.filter(action__endswith="_credit").count() == 2


def test_credit_of_a_merged_customer_goes_to_the_kept_one():
    mei, twin = make_customer(key="mei"), make_customer(key="twin")
    give(twin, 300)

    merge_customers(keep_id=mei.pk, absorb_id=twin.pk, decided_by="Lin", moment=NOON)

    assert credit.get_balance(customer_id=mei.pk, currency="TWD") == 30_000
    assert credit.get_balance(customer_id=twin.pk, currency="TWD") == 0
    assert credit.compare_credit_with_moves() == []


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        ({"provider": "shells"}, UnknownProvider),
        ({"provider": "elsewhere"}, WayNotOffered),
        ({"amount_minor": 90_001}, BadPaymentAmount),
        ({"amount_minor": 0}, BadPaymentAmount),
        ({"amount_minor": -1}, BadPaymentAmount),
    ],
)
def test_what_cannot_be_asked_is_refused_and_nothing_is_written(wrong, fault):
    order = make_order()

    with pytest.raises(fault):
        ask(order, **wrong)

    assert list_payments_of_order(order_id=order.pk) == []
    assert kinds_of(order) == []


def test_without_an_account_no_bank_transfer_is_offered(monkeypatch):
    monkeypatch.setattr(settings, "REORDER", dataclasses.replace(settings.REORDER, transfer_account=""))

    assert paying.list_ways_of_paying() == ["cash_on_delivery", "manual", "store_credit"]
    with pytest.raises(WayNotOffered, match="the shop has no bank account"):
        ask(make_order())


def test_a_cancelled_order_is_asked_for_nothing_but_money_that_comes_is_taken():
    order = make_order()
    asked = ask(order)
    Order.objects.filter(pk=order.pk).update(state="cancelled")

    with pytest.raises(WayNotOffered, match="the order is cancelled"):
        ask(order, key="2")
    confirmed = confirm(asked, 900)

    assert (confirmed.is_order_cancelled, confirmed.excess_minor) == (True, 90_000)
    assert refund(order).amount_minor == 90_000


def test_a_payment_that_went_to_another_order_while_we_waited_pays_that_one(monkeypatch):
    first, second = make_order(number="R-1"), make_order(number="R-2")
    asked = ask(first)

    def lock_after_a_merge(*, order_id):
        Payment.objects.filter(pk=asked.payment.id).update(order=second)
        return lock_order(order_id=order_id)

    monkeypatch.setattr("reorder.flows.paying.bookkeeping.lock_order", lock_after_a_merge)

    assert confirm(asked, 900).order_id == second.pk
    assert money_of(first)[:2] == ("unpaid", 0)
    assert money_of(second)[:2] == ("paid", 900)


def test_what_is_not_there_is_told():
    with pytest.raises(UnknownOrder):
        paying.ask_payment(order_id=1, provider="manual", key="k", actor="Lin", moment=NOON)
    with pytest.raises(UnknownPayment):
        paying.confirm_payment(payment_id=1, received_minor=1, key="k", actor="Lin", moment=NOON)
    with pytest.raises(UnknownRefund):
        paying.confirm_refund_sent(refund_id=1, actor="Lin", moment=NOON)
    with pytest.raises(BadPaymentAmount, match="nothing was paid"):
        refund(make_order())
    with pytest.raises(UnknownCustomer):
        paying.give_store_credit(
            customer_id=10**9, amount_minor=1, currency="TWD", reason="", key="k", actor="Lin", moment=NOON
        )
    with pytest.raises(BadPaymentAmount):
        give(make_customer(), 0)


@pytest.mark.django_db(transaction=True)
def test_of_refunds_at_once_no_more_goes_back_than_came():
    order = make_order()
    confirm(ask(order), 900)

    def give_back(hand):
        try:
            refund(order, 200, key=f"r{hand}")
        except RefundTooLarge:
            return "refused"
        return "made"

    answers = at_once(give_back, hands=6)

    assert answers.count("made") == 4
    assert money_of(order)[:3] == ("part_refunded", 900, 800)
    assert compare_payments_with_entries() == []


@pytest.mark.django_db(transaction=True)
def test_the_same_receipt_by_six_hands_at_once_is_one():
    order = make_order()
    asked = ask(order)

    at_once(lambda _hand: confirm(asked, 900), hands=6)

    assert money_of(order)[:2] == ("paid", 900)
    assert PaymentEntry.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_six_orders_at_once_spend_store_credit_that_reaches_for_two():
    orders = [make_order(number=f"R-{number}") for number in range(6)]
    give(orders[0].customer, 2000)

    def pay(hand):
        try:
            ask(orders[hand], "store_credit", key=f"k{hand}")
        except NotEnoughCredit:
            return "refused"
        return "paid"

    answers = at_once(pay, hands=6)

    assert answers.count("paid") == 2
    assert credit.get_balance(customer_id=orders[0].customer_id, currency="TWD") == 20_000
    assert credit.compare_credit_with_moves() == []


def test_money_moves_are_append_only_and_differences_are_found():
    order = make_order()
    give(order.customer, 100)
    confirm(ask(order), 900)

    for statement in (
        "UPDATE payments_paymententry SET amount_minor = 1",
        "DELETE FROM payments_paymententry",
        "UPDATE payments_creditmove SET amount_minor = 1",
        "DELETE FROM payments_creditmove",
    ):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    with pytest.raises(IntegrityError, match="credit_balance_not_negative"), transaction.atomic():
        CreditBalance.objects.update(balance_minor=-1)
    with pytest.raises(IntegrityError, match="payment_refunds_within_receipts"), transaction.atomic():
        Payment.objects.update(refunded_minor=90_001)

    Payment.objects.update(received_minor=90_100)
    CreditBalance.objects.update(balance_minor=1)
    assert [(one.kind, one.kept_minor, one.counted_minor) for one in compare_payments_with_entries()] == [
        ("payment", (90_100, 0), (90_000, 0)),
        ("order", (90_000, 0), (90_100, 0)),
    ]
    assert [one.balance_minor for one in credit.compare_credit_with_moves()] == [1]


def test_money_without_an_amount_is_what_the_order_owes_now_not_what_it_was_asked_for():
    order = make_order()
    ask(order, "manual")
    Order.objects.filter(pk=order.pk).update(goods_minor=80_000, total_minor=80_000)

    paying.receive_payment(order_id=order.pk, key="came", actor="Lin", moment=NOON)

    assert money_of(order) == ("paid", 800, 0, [])
