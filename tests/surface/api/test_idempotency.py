"""A write happens once for each key: repeated, at once, changed, and killed between fact and answer."""

import json
from collections.abc import Callable

import pytest
from django.db import transaction

from reorder.domain.inventory.models import Allocation
from reorder.domain.orders.models import Order, OrderEvent
from reorder.domain.staff import operations as staff
from reorder.domain.staff.models import ApiToken, AuditEntry, StoredAnswer
from reorder.domain.storage import try_transaction_lock
from tests.factories.api import Answer, Caller, call_as, make_secret
from tests.factories.catalog import make_product
from tests.factories.placing import stock_up
from tests.factories.racing import at_once
from tests.surface.api.test_orders import an_order
from tests.surface.api.test_placing_orders import ours

HANDS = 8


def send_at_once(calls: list[Callable[[], Answer]]) -> list[Answer]:
    """Each call in a thread of its own."""
    return at_once(lambda hand: calls[hand](), hands=len(calls))


@pytest.mark.django_db
def test_the_same_request_again_gets_the_stored_answer() -> None:
    make_product()
    shop = call_as()
    first = shop.post("/orders", an_order(), key="k-1")
    again = shop.post("/orders", an_order(), key="k-1")

    assert (again.status, again.body) == (201, first.body)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.headers["Location"] == first.headers["Location"]
    assert "Idempotency-Replayed" not in first.headers
    assert AuditEntry.objects.filter(action="orders.take").count() == 1


@pytest.mark.django_db
def test_the_same_key_with_another_request_is_a_conflict() -> None:
    make_product()
    shop = call_as()
    order = shop.post("/orders", an_order(), key="k-1").body["order"]
    for other in (
        shop.post("/orders", an_order(postcode="106"), key="k-1"),
        shop.post(f"/orders/{order['id']}/cancel", key="k-1"),
    ):
        assert (other.status, other.code) == (409, "api.idempotency_key_reused")
    assert Order.objects.get().state == "placed"


@pytest.mark.django_db
def test_keys_of_two_tokens_are_strangers() -> None:
    make_product()
    one, other = call_as(), call_as()
    assert one.post("/orders", an_order(external_id="A"), key="k").body["outcome"] == "added"
    assert other.post("/orders", an_order(external_id="B"), key="k").body["outcome"] == "added"


@pytest.mark.django_db
def test_a_refusal_is_not_stored_and_the_key_may_be_used_again() -> None:
    shop = call_as()
    assert shop.post("/orders", an_order(), key="k").code == "order_intake.unknown_products"
    make_product()
    assert shop.post("/orders", an_order(), key="k").status == 201


@pytest.mark.django_db
def test_a_stored_answer_is_given_even_where_the_fact_has_changed_since() -> None:
    make_product()
    shop = call_as()
    first = shop.post("/orders", an_order(), key="k")
    shop.post(f"/orders/{first.body['order']['id']}/cancel")
    assert shop.post("/orders", an_order(), key="k").body["order"]["state"] == "placed"


@pytest.mark.django_db(transaction=True)
def test_eight_hands_send_the_same_write_and_it_happens_once() -> None:
    make_product()
    secret = make_secret()

    def send() -> Answer:
        return Caller(secret=secret).post("/orders", an_order(), key="same")

    answers = send_at_once([send] * HANDS)

    done = [answer for answer in answers if answer.status == 201]
    waiting = [answer for answer in answers if answer.status == 409]
    assert len(done) + len(waiting) == HANDS
    assert len(done) >= 1
    assert {answer.code for answer in waiting} <= {"api.still_running"}
    assert all(answer.headers["Retry-After"] == "2" for answer in waiting)
    assert {json.dumps(answer.body) for answer in done} == {json.dumps(done[0].body)}
    assert sum("Idempotency-Replayed" not in answer.headers for answer in done) == 1
    assert Order.objects.count() == 1
    assert AuditEntry.objects.filter(action="orders.take").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_second_request_while_the_first_is_at_work_is_told_to_wait() -> None:
    make_product()
    secret = make_secret()
    token_id = ApiToken.objects.get().pk

    with transaction.atomic():
        assert try_transaction_lock(name=f"api:{token_id}:slow")
        [answer] = send_at_once([lambda: Caller(secret=secret).post("/orders", an_order(), key="slow")])

    assert (answer.status, answer.code, answer.headers["Retry-After"]) == (409, "api.still_running", "2")
    assert Caller(secret=secret).post("/orders", an_order(), key="slow").status == 201


@pytest.mark.django_db(transaction=True)
def test_eight_hands_send_the_same_order_under_eight_keys_and_it_is_taken_once() -> None:
    make_product()
    secret = make_secret()
    answers = send_at_once([lambda: Caller(secret=secret).post("/orders", an_order()) for _ in range(HANDS)])
    assert sorted(answer.body["outcome"] for answer in answers) == ["added"] + ["unchanged"] * (HANDS - 1)
    assert Order.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_eight_hands_send_one_order_to_fulfil_under_eight_keys_and_it_is_promised_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("REORDER_CLOCK", "2026-11-27T04:00:00+00:00")
    stock_up(units=10)
    secret = make_secret()
    answers = send_at_once([lambda: Caller(secret=secret).post("/orders", ours()) for _ in range(HANDS)])
    assert sorted(answer.body["outcome"] for answer in answers) == ["added"] + ["unchanged"] * (HANDS - 1)
    assert [int(one.units) for one in Allocation.objects.all()] == [2]
    assert OrderEvent.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_batches_of_the_same_people_in_another_order_do_not_lock_each_other_out() -> None:
    make_product()
    secret = make_secret()
    people = [f"reader-{number}" for number in range(40)]

    def send(hand: int) -> Answer:
        order = people if hand % 2 else people[::-1]
        batch = [
            an_order(external_id=f"{hand}-{who}", customer={"key": who, "name": "N", "postcode": None} | {})
            for who in order
        ]
        for one in batch:
            one["customer"].pop("postcode")
        return Caller(secret=secret).post("/orders/batch", {"orders": batch})

    answers = send_at_once([lambda hand=hand: send(hand) for hand in range(HANDS)])

    assert [answer.status for answer in answers] == [200] * HANDS
    assert Order.objects.count() == HANDS * len(people)


@pytest.mark.django_db(transaction=True)
def test_a_write_that_dies_before_its_answer_is_stored_never_happened(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process is as good as killed between the fact and the answer: both are in one transaction."""
    make_product()
    shop = call_as()

    def die(**_anything: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(staff, "store_answer", die)
        with pytest.raises(SystemExit):
            shop.post("/orders", an_order(), key="k")

    assert Order.objects.count() == 0
    assert AuditEntry.objects.filter(action="orders.take").count() == 0
    assert shop.post("/orders", an_order(), key="k").body["outcome"] == "added"
    assert StoredAnswer.objects.count() == 1
