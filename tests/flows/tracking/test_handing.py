"""Parcels scanned at the dock: onto the right manifest, once, and never what may not leave."""

import pytest

from reorder.domain.orders.errors import OrderHeld
from reorder.domain.shipping.models import Manifest, ManifestParcel, Parcel, TrackingEvent
from reorder.domain.shipping.tracking_errors import (
    ManifestClosed,
    ManifestEmpty,
    ParcelElsewhere,
    ParcelNotReady,
    UnknownManifest,
    UnknownParcel,
    WrongCage,
)
from reorder.flows import fulfil
from reorder.flows.documents.barcodes import code128_widths
from reorder.flows.tracking import close_manifest
from reorder.flows.tracking.manifest_sheet import print_manifest
from reorder.insights.manifests import find_manifest, list_waiting
from tests.factories.inventory import KEELUNG
from tests.factories.order_life import LATER, ledger_agrees, level, parcel_of, parcels_of, released, state_of
from tests.factories.placing import MERCHANT, stock_up
from tests.factories.racing import at_once
from tests.factories.tracked import HOUR, box, packed_order, scanned

pytestmark = pytest.mark.django_db
NUMBER = f"M-{KEELUNG}-261127-1"


def test_a_scan_puts_a_parcel_on_its_manifest_and_ships_with_the_last_one() -> None:
    stock_up(units=5)
    order_id = packed_order(("OOLONG-150", 2))
    box(order_id), box(order_id, "P-2")

    first, last = scanned("P-1"), scanned("TP-2")

    assert (first.manifest, first.on_manifest_count, first.left_count) == (NUMBER, 1, 1)
    assert (last.manifest, last.on_manifest_count, last.left_count) == (NUMBER, 2, 0)
    assert (state_of(order_id), level(), ledger_agrees()) == ("shipped", (3, 0), True)
    assert list_waiting() == []


def test_the_same_parcel_scanned_again_is_told_and_changes_nothing() -> None:
    stock_up(units=5)
    box(packed_order(("OOLONG-150", 1)))
    scanned("P-1")

    again = scanned("P-1")

    assert (again.was_known, again.manifest, ManifestParcel.objects.count()) == (True, NUMBER, 1)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"tracking_number": ""}, "it has no label yet"),
        ({"packed_at": None}, "it is not packed yet"),
        ({"state": "cancelled"}, "it was given up"),
        ({"direction": "back", "shipment_key": "return:1"}, "it comes back to us, it does not leave"),
    ],
)
def test_what_is_not_ready_stays_here(change: dict[str, object], reason: str) -> None:
    stock_up(units=5)
    order_id = packed_order(("OOLONG-150", 1))
    box(order_id, **change)

    with pytest.raises(ParcelNotReady) as error:
        scanned("P-1")

    assert error.value.parameters == {"parcel": "P-1", "reason": reason}
    assert (state_of(order_id), Manifest.objects.count()) == ("packed", 0)


def test_a_parcel_of_a_cancelled_order_stays_here() -> None:
    stock_up(units=5)
    order_id = packed_order(("OOLONG-150", 1))
    box(order_id)
    fulfil.unpack_fulfilment(fulfilment_id=parcel_of(order_id), actor=MERCHANT, moment=LATER)
    fulfil.unpick_fulfilment(fulfilment_id=parcel_of(order_id), actor=MERCHANT, moment=LATER)
    fulfil.cancel_order(order_id=order_id, reason="changed my mind", actor=MERCHANT, moment=LATER)

    with pytest.raises(ParcelNotReady, match="its order was cancelled"):
        scanned("P-1")


def test_an_order_that_was_unpacked_again_does_not_leave() -> None:
    stock_up(units=5)
    order_id = packed_order(("OOLONG-150", 1))
    box(order_id)
    fulfil.unpack_fulfilment(fulfilment_id=parcel_of(order_id), actor=MERCHANT, moment=LATER)

    with pytest.raises(ParcelNotReady, match="it is not packed yet"):
        scanned("P-1")


def test_a_held_order_does_not_leave() -> None:
    stock_up(units=5)
    order_id = packed_order(("OOLONG-150", 1))
    box(order_id)
    from reorder.domain.orders.models import Order

    Order.objects.filter(pk=order_id).update(hold_reasons=["manual"])

    with pytest.raises(OrderHeld):
        scanned("P-1")

    assert (state_of(order_id), ManifestParcel.objects.count()) == ("packed", 0)


def test_a_parcel_of_another_place_and_an_unknown_number_are_refused() -> None:
    stock_up(units=5)
    box(packed_order(("OOLONG-150", 1)))

    with pytest.raises(ParcelElsewhere):
        scanned("P-1", at="TAINAN")
    with pytest.raises(UnknownParcel):
        scanned("P-9")


def test_a_cage_takes_its_own_carrier_only() -> None:
    stock_up(units=5)
    box(packed_order(("OOLONG-150", 1)))
    scanned("P-1")
    other = packed_order(("OOLONG-150", 1), external_id="A-2")
    box(other, "P-2", carrier="新竹物流")

    with pytest.raises(WrongCage) as error:
        scanned("P-2", cage=NUMBER)

    assert error.value.parameters == {
        "parcel": "P-2",
        "carrier": "新竹物流",
        "service": "home",
        "found": "黑貓 home",
    }
    assert (state_of(other), ManifestParcel.objects.count()) == ("packed", 1)


def test_a_closed_manifest_takes_nothing_and_a_new_one_begins() -> None:
    stock_up(units=5)
    box(packed_order(("OOLONG-150", 1)))
    scanned("P-1")
    closed = close_manifest(number=NUMBER, actor=MERCHANT, moment=LATER + HOUR, carrier_reference=" 77 ")
    box(packed_order(("OOLONG-150", 1), external_id="A-2"), "P-2")

    with pytest.raises(ManifestClosed):
        scanned("P-2", cage=NUMBER)
    with pytest.raises(ManifestClosed):
        close_manifest(number=NUMBER, actor=MERCHANT, moment=LATER + HOUR)

    assert closed.parcels_count == 1
    assert Manifest.objects.get(number=NUMBER).carrier_reference == "77"
    assert scanned("P-2").manifest == f"M-{KEELUNG}-261127-2"


def test_an_empty_manifest_and_one_that_is_none_cannot_be_closed() -> None:
    stock_up(units=5)
    box(packed_order(("OOLONG-150", 1)))
    scanned("P-1")
    ManifestParcel.objects.all().delete()

    with pytest.raises(ManifestEmpty):
        close_manifest(number=NUMBER, actor=MERCHANT, moment=LATER)
    with pytest.raises(UnknownManifest):
        close_manifest(number="M-X", actor=MERCHANT, moment=LATER)


@pytest.mark.parametrize("language", ["en", "zh-hant"])
def test_a_closed_manifest_prints_the_same_list_every_time(language: str) -> None:
    stock_up(units=5)
    box(packed_order(("OOLONG-150", 1)))
    scanned("P-1")
    close_manifest(number=NUMBER, actor=MERCHANT, moment=LATER + HOUR)
    manifest = find_manifest(number=NUMBER)
    assert manifest is not None

    first = print_manifest(manifest=manifest, language=language, moment=LATER + HOUR)

    assert first.startswith(b"%PDF-")
    assert first == print_manifest(manifest=manifest, language=language, moment=LATER + 9 * HOUR)
    assert code128_widths(text=NUMBER)


def test_what_leaves_by_a_step_at_the_desk_has_left_with_all_its_parcels() -> None:
    stock_up(units=5)
    order_id = packed_order(("OOLONG-150", 1))
    box(order_id)

    fulfil.ship_fulfilment(fulfilment_id=parcel_of(order_id), actor=MERCHANT, moment=LATER + HOUR)

    assert Parcel.objects.get().shipped_at == LATER + HOUR


def test_a_number_typed_in_without_a_box_is_followed_as_one() -> None:
    stock_up(units=5)
    order_id = released(("OOLONG-150", 2))

    fulfil.ship_fulfilment(
        fulfilment_id=parcel_of(order_id),
        actor=MERCHANT,
        moment=LATER,
        carrier="黑貓",
        tracking_number="9055",
    )

    made = Parcel.objects.get()
    assert (made.tracking_number, made.carrier, made.shipped_at, made.state) == ("9055", "黑貓", LATER, "pending")
    assert [(sku, units) for _line, _product, sku, units, _lot in made.contents] == [("OOLONG-150", "2.000")]
    assert parcels_of(order_id) == [(KEELUNG, "shipped")]


@pytest.mark.django_db(transaction=True)
def test_two_scans_of_one_parcel_at_once_ship_it_once() -> None:
    stock_up(units=5)
    order_id = packed_order(("OOLONG-150", 1))
    box(order_id)

    answers = at_once(lambda _hand: scanned("P-1"), hands=2)

    assert sorted(one.was_known for one in answers) == [False, True]
    assert (state_of(order_id), level(), ledger_agrees()) == ("shipped", (4, 0), True)
    assert (ManifestParcel.objects.count(), TrackingEvent.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_first_parcels_of_a_carrier_at_once_share_one_manifest() -> None:
    stock_up(units=9)
    for number in range(4):
        box(packed_order(("OOLONG-150", 1), external_id=f"A-{number}"), f"P-{number}")

    answers = at_once(lambda hand: scanned(f"P-{hand}"), hands=4)

    assert {one.manifest for one in answers} == {NUMBER}
    assert (Manifest.objects.count(), ManifestParcel.objects.count(), level()) == (1, 4, (5, 0))
