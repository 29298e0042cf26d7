"""A label is bought once: whoever asks, however often, whatever the carrier does."""

import dataclasses
import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest

from reorder.connectors.base.outgoing import OutgoingLimits
from reorder.domain.shipping import accounts
from reorder.domain.shipping import labels as kept
from reorder.domain.shipping.carriers.faults import CarrierCannot
from reorder.domain.shipping.carriers.rate_table.carrier import tracking_number
from reorder.domain.shipping.carriers.values import BoughtLabel
from reorder.domain.shipping.label_errors import (
    LabelKeyUsed,
    LabelNotInState,
    ParcelHasLabel,
    ParcelHasLeft,
    ParcelNotForLabel,
)
from reorder.domain.shipping.models import Label, Parcel
from reorder.flows import labels
from reorder.flows.labels import LabelWish
from reorder.flows.labels.buying import keep_bought, prepare
from reorder.flows.labels.recovering import BUYER_IS_DEAD_AFTER
from tests.factories.easypost import PDF, Stub, stub_carrier
from tests.factories.parcels import another_parcel, easypost_account, ecpay_account, packed_parcel
from tests.factories.placing import MERCHANT, NOON
from tests.factories.racing import at_once

LATER = NOON + BUYER_IS_DEAD_AFTER + dt.timedelta(seconds=1)


@pytest.fixture
def stub(settings: Any) -> Iterator[Stub]:
    settings.REORDER = dataclasses.replace(settings.REORDER, outgoing_networks=("127.0.0.0/8",))
    with stub_carrier() as made:
        yield made


def wish(parcel: Parcel, key: str = "k-1", service: str = "home") -> LabelWish:
    return LabelWish(parcel_id=parcel.pk, key=key, service_code=service)


def buy(parcel: Parcel, key: str = "k-1", service: str = "home") -> kept.LabelRow:
    return labels.buy_label(wish=wish(parcel, key, service), actor=MERCHANT, moment=NOON)


@pytest.mark.django_db
def test_the_shops_own_label_has_a_number_of_our_series_a_price_and_documents() -> None:
    parcel = packed_parcel()

    row = buy(parcel)

    parcel.refresh_from_db()
    document = kept.read_document(label_id=row.id)
    assert (row.state, row.cost_minor, row.currency, row.fault) == ("bought", 80_00, "TWD", None)
    assert row.tracking_number == tracking_number(start="RO", series_number=row.id)
    assert (parcel.tracking_number, parcel.service_code) == (row.tracking_number, "home")
    assert (document.pdf[:4], document.zpl[:3], document.zpl[-3:]) == (b"%PDF", "^XA", "^XZ")


@pytest.mark.django_db
def test_the_same_key_is_the_same_label_and_another_key_is_refused(stub: Stub) -> None:
    parcel = packed_parcel()
    easypost_account(address=stub.address)

    first, again = buy(parcel), buy(parcel)

    assert first.id == again.id
    with pytest.raises(ParcelHasLabel):
        buy(parcel, key="k-2")
    assert stub.bought == ["shp_1"]


@pytest.mark.django_db
def test_a_key_of_another_parcel_is_refused() -> None:
    parcel = packed_parcel()
    other = another_parcel(order_id=parcel.order_id)
    buy(parcel)

    with pytest.raises(LabelKeyUsed):
        buy(other)


@pytest.mark.django_db
def test_each_box_of_an_order_has_a_number_of_its_own() -> None:
    parcel = packed_parcel()
    other = another_parcel(order_id=parcel.order_id)

    numbers = {buy(parcel).tracking_number, buy(other, key="k-2").tracking_number}

    assert len(numbers) == 2


@pytest.mark.django_db
def test_a_bought_label_of_a_carrier_has_its_number_cost_and_picture(stub: Stub) -> None:
    parcel = packed_parcel()
    account = easypost_account(address=stub.address)

    row = buy(parcel)

    assert (row.state, row.tracking_number, row.cost_minor, row.currency) == (
        "bought", "9400000000000000000001", 790, "USD",
    )  # fmt: skip
    assert row.reference == f"{account.reference_start}{row.id:010d}"
    assert kept.read_document(label_id=row.id).pdf == PDF


@pytest.mark.django_db(transaction=True)
def test_of_many_buyers_at_once_one_buys(stub: Stub) -> None:
    parcel = packed_parcel()
    easypost_account(address=stub.address)

    def hand(number: int) -> str:
        try:
            return buy(parcel, key=f"hand-{number}").state
        except ParcelHasLabel:
            return "refused"

    ends = at_once(hand, hands=6)

    # Who came second is refused, or told of the claim that is being carried out.
    assert "bought" in ends
    assert set(ends) <= {"bought", "claimed", "refused"}
    assert len(stub.bought) == 1
    assert Label.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_wish_from_many_hands_is_one_purchase(stub: Stub) -> None:
    parcel = packed_parcel()
    easypost_account(address=stub.address)

    ids = at_once(lambda _hand: buy(parcel).id, hands=6)

    assert len(set(ids)) == 1
    assert len(stub.bought) == 1


@pytest.mark.django_db
def test_a_refusal_is_told_and_the_parcel_may_have_another_label(stub: Stub) -> None:
    parcel = packed_parcel()
    easypost_account(address=stub.address)
    stub.answers["/buy"] = (422, b'{"error": {"message": "Insufficient funds."}}')

    row = buy(parcel)

    assert (row.state, row.fault["code"], row.fault["parameters"]["said"]) == (  # type: ignore[index]
        "failed", "carrier.refused", "Insufficient funds.",
    )  # fmt: skip
    stub.answers.clear()
    assert buy(parcel, key="k-2").state == "bought"
    assert len(stub.bought) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("said", [(500, b"oops"), (200, b"<html>"), (200, b"[]"), (200, b"{}")])
def test_an_answer_that_cannot_be_understood_leaves_the_label_unknown_until_the_carrier_is_asked(
    stub: Stub, said: tuple[int, bytes]
) -> None:
    parcel = packed_parcel()
    easypost_account(address=stub.address)
    stub.answers["/buy"] = said

    row = buy(parcel)

    assert (row.state, row.fault["code"]) == ("unknown", "carrier.unsure")  # type: ignore[index]
    with pytest.raises(ParcelHasLabel):
        buy(parcel, key="k-2")
    settled = labels.settle(label_id=row.id, moment=LATER)
    assert (settled.state, settled.fault["code"]) == ("failed", "shipping.label_not_found")  # type: ignore[index]
    stub.answers.clear()
    again = buy(parcel, key="k-3")
    # The same reference: a late wish of the first attempt would be the same wish.
    assert (again.state, again.reference) == ("bought", row.reference)
    assert len(stub.bought) == 1


@pytest.mark.django_db
def test_an_answer_that_never_came_is_found_again_by_our_reference(stub: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    parcel = packed_parcel()
    easypost_account(address=stub.address)
    monkeypatch.setattr(
        "reorder.flows.labels.opening._LIMITS", OutgoingLimits(seconds=0.5, connect_seconds=0.5, redirects=0)
    )
    stub.before_answer = lambda _method, path: stub.hang() if path.endswith("/buy") else None

    row = buy(parcel)

    assert (row.state, row.fault["code"]) == ("unknown", "carrier.unsure")  # type: ignore[index]
    stub.before_answer = None
    settled = labels.settle(label_id=row.id, moment=LATER)
    parcel.refresh_from_db()
    assert (settled.state, settled.tracking_number) == ("bought", parcel.tracking_number)
    assert stub.bought == ["shp_1"]


@pytest.mark.django_db
def test_a_carrier_that_is_not_there_was_surely_not_reached() -> None:
    parcel = packed_parcel()
    easypost_account(address="http://127.0.0.1:1")

    row = buy(parcel)

    assert (row.state, row.fault["code"]) == ("failed", "carrier.unreached")  # type: ignore[index]


@pytest.mark.django_db
def test_a_claim_that_was_never_called_is_carried_out_by_recovery(stub: Stub) -> None:
    parcel = packed_parcel()
    easypost_account(address=stub.address)
    claimed = labels.claim(wish=wish(parcel), actor=MERCHANT, moment=NOON)

    found = labels.recover_labels(moment=LATER)

    assert (claimed.state, claimed.called_at) == ("claimed", None)
    assert (found.looked_at, found.bought) == (1, 1)
    assert len(stub.bought) == 1


@pytest.mark.django_db
def test_an_answer_after_the_label_was_given_up_is_given_back(stub: Stub) -> None:
    parcel = packed_parcel()
    easypost_account(address=stub.address)

    row = labels.claim(wish=wish(parcel), actor=MERCHANT, moment=NOON)
    kept.begin_call(label_id=row.id, moment=NOON)
    account = accounts.get_account(account_id=row.account_id)
    label_parcel, carrier = prepare(label=row, account=account, moment=NOON)
    bought = carrier.buy(parcel=label_parcel, service_code="home")
    kept.record_failed(label_id=row.id, fault={"code": "shipping.label_given_up"}, moment=NOON)

    is_kept = keep_bought(row=row, bought=bought, carrier=carrier, actor_name="mei", moment=NOON)

    after = kept.get_label(label_id=row.id)
    assert (is_kept, after.state, after.fault["code"]) == (False, "failed", "shipping.late_label")  # type: ignore[index]
    assert stub.refunds == stub.bought


@pytest.mark.django_db
def test_a_voided_label_frees_the_parcel_and_one_that_left_is_not_voided(stub: Stub) -> None:
    parcel = packed_parcel()
    easypost_account(address=stub.address)
    row = buy(parcel)

    voided = labels.void_label(label_id=row.id, actor=MERCHANT, moment=NOON)

    parcel.refresh_from_db()
    assert (voided.state, parcel.tracking_number, stub.refunds) == ("voided", "", ["shp_1"])
    second = buy(parcel, key="k-2")
    Parcel.objects.filter(pk=parcel.pk).update(shipped_at=NOON)
    with pytest.raises(ParcelHasLeft):
        labels.void_label(label_id=second.id, actor=MERCHANT, moment=NOON)
    with pytest.raises(LabelNotInState):
        labels.void_label(label_id=row.id, actor=MERCHANT, moment=NOON)


@pytest.mark.django_db
def test_a_carrier_that_cannot_take_back_leaves_the_label_bought() -> None:
    parcel = packed_parcel()
    account = ecpay_account()
    row = labels.claim(wish=wish(parcel), actor=MERCHANT, moment=NOON)
    assert row.account_id == account.id
    kept.record_bought(
        label_id=row.id,
        bought=BoughtLabel(carrier_reference="10001", tracking_number="1234567890"),
        carrier="ECPay",
        moment=NOON,
    )

    with pytest.raises(CarrierCannot):
        labels.void_label(label_id=row.id, actor=MERCHANT, moment=NOON)

    assert kept.get_label(label_id=row.id).state == "bought"


@pytest.mark.django_db
def test_a_parcel_that_is_not_packed_or_was_cancelled_gets_no_label() -> None:
    parcel = packed_parcel(packed_at=None)

    with pytest.raises(ParcelNotForLabel):
        buy(parcel)
    Parcel.objects.filter(pk=parcel.pk).update(packed_at=NOON, state="cancelled")
    with pytest.raises(ParcelNotForLabel):
        buy(parcel)


@pytest.mark.django_db
def test_a_person_settles_what_no_carrier_can_say() -> None:
    parcel = packed_parcel()
    other = another_parcel(order_id=parcel.order_id)
    first = labels.claim(wish=wish(parcel), actor=MERCHANT, moment=NOON)
    second = labels.claim(wish=wish(other, "k-2"), actor=MERCHANT, moment=NOON)
    for one in (first, second):
        kept.record_unknown(label_id=one.id, fault={"code": "carrier.unsure"})

    bought = labels.decide_bought(label_id=first.id, tracking_number=" TW-12345 ", actor=MERCHANT, moment=NOON)
    failed = labels.decide_not_bought(label_id=second.id, actor=MERCHANT, moment=NOON)

    parcel.refresh_from_db()
    assert (bought.state, bought.decided_by, parcel.tracking_number) == ("bought", "mei", "TW-12345")
    assert (failed.state, failed.decided_by) == ("failed", "mei")
    with pytest.raises(LabelNotInState):
        labels.decide_not_bought(label_id=first.id, actor=MERCHANT, moment=NOON)


@pytest.mark.django_db
def test_a_closed_box_claims_its_label_and_the_desk_carries_the_claim_out() -> None:
    parcel = packed_parcel()

    claimed = labels.label_at_packing(number=parcel.number, actor=MERCHANT, moment=NOON)
    bought = buy(parcel, key="desk")

    assert claimed is not None
    assert (claimed.state, bought.id, bought.state) == ("claimed", claimed.id, "bought")


@pytest.mark.django_db
def test_a_carrier_that_costs_money_is_not_asked_at_packing_unless_its_account_says_so(stub: Stub) -> None:
    parcel = packed_parcel()
    account = easypost_account(address=stub.address)
    waits = labels.label_at_packing(number=parcel.number, actor=MERCHANT, moment=NOON)
    form = accounts.AccountForm(
        name=account.name, adapter="easypost", settings={**account.settings, "buys_at_packing": "yes"}, secrets={}
    )
    labels.change_account(account_id=account.id, form=form, actor=MERCHANT)

    claimed = labels.label_at_packing(number=parcel.number, actor=MERCHANT, moment=NOON)

    parcel.refresh_from_db()
    assert (waits, parcel.service_code) == (None, "home")
    assert claimed is not None
    assert (claimed.state, stub.asked) == ("claimed", [])


@pytest.mark.django_db
def test_a_box_that_nobody_takes_is_closed_without_a_label() -> None:
    parcel = packed_parcel(grams=40_000)

    assert labels.label_at_packing(number=parcel.number, actor=MERCHANT, moment=NOON) is None
    assert Label.objects.count() == 0


@pytest.mark.django_db
def test_a_parcel_that_was_cancelled_after_its_claim_is_not_bought(stub: Stub) -> None:
    parcel = packed_parcel()
    easypost_account(address=stub.address)
    row = labels.claim(wish=wish(parcel), actor=MERCHANT, moment=NOON)
    Parcel.objects.filter(pk=parcel.pk).update(state="cancelled")

    labels.buy_claimed(label_id=row.id, moment=NOON)

    assert (kept.get_label(label_id=row.id).state, stub.asked) == ("failed", [])
