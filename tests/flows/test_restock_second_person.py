"""Above the limit a second, different person decides: until then nothing is on the way and nobody is told."""

from contextlib import suppress
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import IntegrityError, transaction

from reorder.domain.inventory import operations as inventory
from reorder.domain.inventory.models import Move
from reorder.domain.inventory.queries import compare_ledger_with_levels
from reorder.domain.messaging.models import OutboxMessage
from reorder.domain.purchasing import operations
from reorder.domain.purchasing.errors import (
    BadBuyingPolicy,
    BuyingPolicyChanged,
    OrderNotWaiting,
    OwnOrder,
    PurchaseOrderClosed,
)
from reorder.domain.purchasing.models import Proposal, PurchaseOrder
from reorder.domain.purchasing.operations import NewBuyingPolicy
from reorder.domain.purchasing.queries import (
    PurchaseOrderRow,
    count_open_orders,
    get_buying_policy,
    get_purchase_order,
    list_open_proposals,
    list_waiting_orders,
)
from reorder.domain.purchasing.rules import needs_second_person
from reorder.domain.staff.operations import make_token
from reorder.domain.staff.queries import list_audit
from reorder.flows import restock
from tests.factories.catalog import make_product
from tests.factories.inventory import incoming_at, make_place, opening
from tests.factories.purchasing import (
    BUYER,
    MONDAY,
    MONDAY_MORNING,
    make_offer,
    make_supplier,
    make_target,
    propose,
)
from tests.factories.racing import at_once

pytestmark = pytest.mark.django_db

CHEN = "chen"
LIMIT = 1_000_00  # NT$1,000


@pytest.fixture(autouse=True)
def home(settings: LazySettings, tmp_path: Path) -> Path:
    settings.HOME = tmp_path
    return tmp_path


def limit(minor: int | None) -> None:
    policy = NewBuyingPolicy(approval_limit_minor=minor, is_automatic_stopped=False, usual_ratio=3.0)
    operations.set_buying_policy(policy=policy, seen=get_buying_policy().fingerprint, decided_by="owner")


def oolong_proposed(*, units: int = 12) -> list[int]:
    make_place()
    make_supplier()
    make_product()
    make_offer()
    return propose(("OOLONG-150", units))


def waiting() -> PurchaseOrderRow:
    """Twelve oolong for NT$2,400, above the limit."""
    limit(LIMIT)
    (order,) = restock.approve(proposal_ids=oolong_proposed(), decided_by=BUYER, moment=MONDAY_MORNING)
    return order


def test_without_a_limit_an_approval_orders_at_once() -> None:
    (order,) = restock.approve(proposal_ids=oolong_proposed(), decided_by=BUYER, moment=MONDAY_MORNING)
    assert (order.state, order.requested_at) == ("placed", None)


@pytest.mark.parametrize(
    ("minor", "state"), [(2_400_00, "placed"), (2_399_99, "awaiting_approval"), (0, "awaiting_approval")]
)
def test_an_order_at_the_limit_goes_out_and_one_above_it_waits(minor: int, state: str) -> None:
    limit(minor)
    (order,) = restock.approve(proposal_ids=oolong_proposed(), decided_by=BUYER, moment=MONDAY_MORNING)
    assert order.state == state


def test_while_an_order_waits_nothing_is_on_the_way_and_nobody_is_told(home: Path) -> None:
    order = waiting()

    assert (order.state, order.requested_at, order.limit_minor) == ("awaiting_approval", MONDAY_MORNING, LIMIT)
    assert Move.objects.count() == 0
    assert OutboxMessage.objects.count() == 0
    assert not (home / "purchase-orders").exists()
    assert count_open_orders(today=MONDAY).open_count == 0
    assert [(one.number, one.cost_minor, one.requested_by) for one in list_waiting_orders()] == [
        (order.number, 2_400_00, BUYER)
    ]
    assert [entry.action for entry in list_audit(action="purchasing.ask_second")] == ["purchasing.ask_second"]
    with pytest.raises(PurchaseOrderClosed):
        restock.receive(number=order.number, received_at=MONDAY_MORNING, idempotency_key="early")


def test_a_second_person_lets_it_go_out() -> None:
    order = restock.release_order(number=waiting().number, decided_by=CHEN, moment=MONDAY_MORNING)

    assert (order.state, order.placed_by, order.second_by) == ("placed", BUYER, CHEN)
    assert incoming_at(sku="OOLONG-150") == 12
    assert OutboxMessage.objects.get().address == "orders@alishan.example"
    assert compare_ledger_with_levels() == []
    assert [entry.actor for entry in list_audit(action="purchasing.release")] == [CHEN]
    restock.receive(number=order.number, received_at=MONDAY_MORNING, idempotency_key="note-1")
    assert get_purchase_order(number=order.number).state == "received"


def test_a_person_cannot_be_the_second_one_of_the_own_order() -> None:
    order = waiting()
    with pytest.raises(OwnOrder):
        restock.release_order(number=order.number, decided_by=BUYER, moment=MONDAY_MORNING)
    with pytest.raises(OwnOrder):
        restock.refuse_order(number=order.number, decided_by=BUYER, moment=MONDAY_MORNING)
    assert get_purchase_order(number=order.number).state == "awaiting_approval"


def test_a_token_counts_as_the_person_who_made_it() -> None:
    order = waiting()
    make_token(name="erp", scopes=["proposals:write"], created_by=BUYER, moment=MONDAY_MORNING, expires_at=None)
    with pytest.raises(OwnOrder):
        restock.release_order(number=order.number, decided_by="token:erp", moment=MONDAY_MORNING)


def test_the_database_too_refuses_the_same_person_twice() -> None:
    order = waiting()
    with pytest.raises(IntegrityError), transaction.atomic():
        PurchaseOrder.objects.filter(pk=order.id).update(second_by=BUYER)


def test_a_refused_order_never_goes_out_and_its_proposals_are_open_again() -> None:
    order = restock.refuse_order(
        number=waiting().number, decided_by=CHEN, moment=MONDAY_MORNING, reason="too much for one month"
    )

    assert (order.state, order.second_by, order.second_reason) == ("refused", CHEN, "too much for one month")
    assert [(row.sku, row.units) for row in list_open_proposals()] == [("OOLONG-150", 12)]
    assert Move.objects.count() == 0
    for decide in (restock.release_order, restock.refuse_order):
        with pytest.raises(OrderNotWaiting):
            decide(number=order.number, decided_by="lin", moment=MONDAY_MORNING)


def test_who_asked_can_take_it_back() -> None:
    order = waiting()
    undone = restock.undo_approval(numbers=[order.number], decided_by=BUYER, moment=MONDAY_MORNING)
    assert (undone.cancelled, undone.reopened_count, undone.told_count) == ((order.number,), 1, 0)
    assert Move.objects.count() == 0
    assert Proposal.objects.get().state == "open"


def test_cancelling_what_waits_takes_it_back_without_a_move() -> None:
    order = waiting()
    assert restock.cancel_order(number=order.number, moment=MONDAY_MORNING, decided_by=BUYER) == {"OOLONG-150": 12}
    assert get_purchase_order(number=order.number).state == "cancelled"
    assert (Move.objects.count(), OutboxMessage.objects.count()) == (0, 0)
    assert Proposal.objects.get().state == "open"


def test_an_order_in_another_currency_counts_by_its_rate_and_waits_without_one() -> None:
    case = {"cost_minor": 100_00, "currency": "USD", "limit_minor": 3_000_00, "shop_currency": "TWD"}
    assert needs_second_person(rate=Decimal("31.5"), **case) is True  # type: ignore[arg-type]
    assert needs_second_person(rate=Decimal("29.9"), **case) is False  # type: ignore[arg-type]
    assert needs_second_person(rate=None, **case) is True  # type: ignore[arg-type]
    assert needs_second_person(rate=None, **case | {"limit_minor": None}) is False  # type: ignore[arg-type]
    yen = {"cost_minor": 14_000, "currency": "JPY", "limit_minor": 3_000_00, "shop_currency": "TWD"}
    assert needs_second_person(rate=Decimal("0.21"), **yen) is False  # type: ignore[arg-type]


def test_rules_of_buying_are_refused_with_the_reason_and_not_overwritten_unseen() -> None:
    def decide(seen: str, **values: object) -> None:
        given = {"approval_limit_minor": None, "is_automatic_stopped": False, "usual_ratio": 3.0} | values
        operations.set_buying_policy(policy=NewBuyingPolicy(**given), seen=seen, decided_by="owner")  # type: ignore[arg-type]

    seen = get_buying_policy().fingerprint
    with pytest.raises(BadBuyingPolicy, match="must not be negative"):
        decide(seen, approval_limit_minor=-1)
    with pytest.raises(BadBuyingPolicy, match="larger than any order"):
        decide(seen, approval_limit_minor=10**15)
    with pytest.raises(BadBuyingPolicy, match="from 1 to 100"):
        decide(seen, usual_ratio=0.5)
    decide(seen, approval_limit_minor=5)
    with pytest.raises(BuyingPolicyChanged):
        decide(seen, approval_limit_minor=9)
    assert get_buying_policy().approval_limit_minor == 5


@pytest.mark.django_db(transaction=True)
def test_of_two_second_people_at_once_one_decides() -> None:
    order = waiting()

    def decide(hand: int) -> str:
        act = restock.release_order if hand % 2 else restock.refuse_order
        try:
            return act(number=order.number, decided_by=f"second {hand}", moment=MONDAY_MORNING).state
        except OrderNotWaiting:
            return "too late"

    answers = at_once(decide, hands=6)

    assert answers.count("too late") == 5
    after = get_purchase_order(number=order.number)
    assert after.state in answers
    assert incoming_at(sku="OOLONG-150") == (12 if after.state == "placed" else 0)
    assert OutboxMessage.objects.count() == (1 if after.state == "placed" else 0)
    assert compare_ledger_with_levels() == []


@pytest.mark.django_db(transaction=True)
def test_taking_back_and_agreeing_at_once_never_do_both() -> None:
    order = waiting()

    def act(hand: int) -> None:
        with suppress(OrderNotWaiting):
            if hand:
                restock.release_order(number=order.number, decided_by=CHEN, moment=MONDAY_MORNING)
            else:
                restock.undo_approval(numbers=[order.number], decided_by=BUYER, moment=MONDAY_MORNING)

    at_once(act, hands=2)

    # Taken back first: never placed. Agreed first: placed, then cancelled as any fresh order.
    assert get_purchase_order(number=order.number).state == "cancelled"
    assert incoming_at(sku="OOLONG-150") == 0
    assert compare_ledger_with_levels() == []


@pytest.mark.django_db(transaction=True)
def test_what_waits_is_not_proposed_again_and_is_again_once_refused() -> None:
    limit(LIMIT)
    make_place()
    make_supplier()
    oolong = make_product()
    make_offer(pack=6)
    inventory.record_moves(moves=[opening(product_id=oolong.pk, units=5)])
    run_id = make_target(oolong)
    restock.propose_purchases(run_id=run_id, as_of=MONDAY)
    (order,) = restock.approve_all(decided_by=BUYER, moment=MONDAY_MORNING)

    assert restock.propose_purchases(run_id=run_id, as_of=MONDAY).rows_written == 0

    restock.refuse_order(number=order.number, decided_by=CHEN, moment=MONDAY_MORNING)
    assert restock.propose_purchases(run_id=run_id, as_of=MONDAY).rows_written == 1
