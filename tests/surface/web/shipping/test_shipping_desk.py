"""The shipping desk: what leaves today, manifests, what is under way and in trouble, and one parcel."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from reorder.domain.shipping import strays
from reorder.domain.shipping.models import Manifest, Parcel, TrackingEvent
from reorder.domain.storage import one_transaction
from reorder.flows.tracking import watch_parcels
from tests.factories.inventory import KEELUNG
from tests.factories.order_life import LATER, state_of
from tests.factories.placing import stock_up
from tests.factories.staff import sign_in
from tests.factories.tracked import DAY, HOUR, box, packed_order, scanned, told, word

pytestmark = pytest.mark.django_db
GONE = LATER + HOUR
NUMBER = f"M-{KEELUNG}-261127-1"


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REORDER_CLOCK", (GONE + HOUR).isoformat())


@pytest.fixture
def client() -> Client:
    made = Client()
    sign_in(made, role="owner")
    return made


@pytest.fixture
def parcel() -> Parcel:
    stock_up(units=50)
    return box(packed_order(("OOLONG-150", 1)))


def shown(client: Client, path: str) -> str:
    answer = client.get(f"/warehouse/shipping/{path}")
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def test_a_parcel_is_scanned_out_at_the_desk(client: Client, parcel: Parcel) -> None:
    assert "P-1" in shown(client, "")

    answer = client.post("/warehouse/shipping/scan/", {"code": " tp-1 ", "place": KEELUNG}, follow=True)

    assert f"Parcel P-1 is on {NUMBER}: put it into the cage of 黑貓." in answer.content.decode()
    assert state_of(parcel.order_id) == "shipped"
    assert "Every parcel that is packed and labelled was scanned." in shown(client, "")


@pytest.mark.parametrize(("code", "status"), [("", 422), ("NOBODY", 404)])
def test_a_number_that_is_none_changes_nothing(client: Client, parcel: Parcel, code: str, status: int) -> None:
    answer = client.post("/warehouse/shipping/scan/", {"code": code, "place": KEELUNG})

    assert answer.status_code == status
    assert b"Nothing was changed." in answer.content
    assert not Manifest.objects.exists()


def test_a_manifest_is_closed_and_printed_in_both_languages(client: Client, parcel: Parcel) -> None:
    scanned("P-1", moment=GONE)
    box(packed_order(("OOLONG-150", 1), external_id="A-2"), "P-2")
    page = shown(client, f"manifests/{NUMBER}/")
    assert "1 more is ready and was not scanned." in page

    client.post(f"/warehouse/shipping/manifests/{NUMBER}/close/", {"reference": "77"})

    assert "Number at the carrier: 77." in shown(client, f"manifests/{NUMBER}/")
    assert NUMBER in shown(client, "manifests/")
    for language in ("en", "zh-hant"):
        answer = client.get(f"/warehouse/shipping/manifests/{NUMBER}/print/?language={language}")
        assert answer.content.startswith(b"%PDF-")


def test_closing_a_manifest_twice_says_that_the_driver_has_it(client: Client, parcel: Parcel) -> None:
    scanned("P-1", moment=GONE)
    client.post(f"/warehouse/shipping/manifests/{NUMBER}/close/")

    answer = client.post(f"/warehouse/shipping/manifests/{NUMBER}/close/")

    assert (answer.status_code, b"is closed: the driver has it" in answer.content) == (409, True)


def test_what_is_under_way_is_found_by_any_of_its_numbers(client: Client, parcel: Parcel) -> None:
    scanned("P-1", moment=GONE)

    for text in ("P-1", "TP-1", "A-1"):
        assert "P-1" in shown(client, f"under-way/?q={text}")
    assert "P-1" not in shown(client, "under-way/?q=nothing")
    assert "P-1" not in shown(client, "under-way/?tab=out")


def test_trouble_says_why_and_what_to_do_next(client: Client, parcel: Parcel) -> None:
    scanned("P-1", moment=GONE)
    told(parcel, word("delivery_failed", GONE + HOUR, reason="consignee_incorrect_address"))

    page = shown(client, "trouble/")

    assert "The address is not right." in page
    assert "Ask the customer for the right address, and tell the carrier." in page
    assert "P-1" not in shown(client, "trouble/?kind=late")


@pytest.mark.parametrize(
    ("kind", "state", "said"),
    [
        ("return_to_sender", "return_to_sender", "Receive it as a return when it is here"),
        ("on_hold", "on_hold", "Ask the carrier what it waits for."),
        ("unknown", "unknown", "Read the carrier&#x27;s own words, and write what they mean."),
        ("delivery_delayed", "delivery_delayed", "The customer was told."),
    ],
)
def test_every_kind_of_trouble_has_its_next_step(
    client: Client, parcel: Parcel, kind: str, state: str, said: str
) -> None:
    scanned("P-1", moment=GONE)
    told(parcel, word(state, GONE + HOUR))

    assert said in shown(client, f"trouble/?kind={kind}")


def test_late_parcels_stand_in_trouble(client: Client, parcel: Parcel) -> None:
    scanned("P-1", moment=GONE)
    told(parcel, word("in_transit", GONE))
    watch_parcels(moment=GONE + 3 * DAY)

    assert "The carrier has said nothing for days." in shown(client, "trouble/?kind=late")


def test_a_message_that_nobody_could_use_is_looked_at_again_or_put_aside(client: Client, parcel: Parcel) -> None:
    with one_transaction():
        for number in ("TP-1", "T-NOBODY"):
            strays.keep_stray_word(
                account_code="Cat",
                reason_code="no_parcel",
                word=word("in_transit", GONE, tracking_number=number),
                moment=GONE,
            )
    assert "No parcel of ours has this number." in shown(client, "trouble/?kind=strays")
    nobody, ours = (one.id for one in strays.list_open_strays())

    client.post(f"/warehouse/shipping/trouble/messages/{ours}/", {"do": "again"})
    client.post(f"/warehouse/shipping/trouble/messages/{nobody}/", {"do": "again"})
    assert [one.id for one in strays.list_open_strays()] == [nobody]
    client.post(f"/warehouse/shipping/trouble/messages/{nobody}/", {"do": "aside"})

    parcel.refresh_from_db()
    assert (strays.list_open_strays(), parcel.state) == ([], "in_transit")


def test_somebody_writes_down_what_happened_on_the_shops_clock(client: Client, parcel: Parcel) -> None:
    scanned("P-1", moment=GONE)
    given = {"state": "delivered", "happened_at": "2026-11-27T14:30", "reason": "", "carrier_words": "phoned"}

    answer = client.post(f"/warehouse/shipping/parcels/{parcel.pk}/note/", given, follow=True)

    event = TrackingEvent.objects.get(state="delivered")
    assert (event.happened_at.isoformat(), event.source, event.told_by) == (
        "2026-11-27T06:30:00+00:00",
        "staff",
        "owner",
    )
    assert "Recorded." in answer.content.decode()
    assert state_of(parcel.order_id) == "delivered"


def test_what_cannot_be_of_the_parcel_is_said_beside_the_form(client: Client, parcel: Parcel) -> None:
    given = {"state": "delivered", "happened_at": "2026-12-24T14:30"}

    answer = client.post(f"/warehouse/shipping/parcels/{parcel.pk}/note/", given)

    assert (answer.status_code, b"the moment lies ahead" in answer.content) == (422, True)
    assert not TrackingEvent.objects.exists()


def test_the_link_for_the_customer_opens(client: Client, parcel: Parcel) -> None:
    page = client.post(f"/warehouse/shipping/parcels/{parcel.pk}/link/").content.decode()
    path = page.split("/t/")[1].split("/")[0]

    assert Client().get(f"/t/{path}/").status_code == 200


def test_the_orders_page_shows_its_parcels_with_every_step(client: Client, parcel: Parcel) -> None:
    scanned("P-1", moment=GONE)
    told(parcel, word("in_transit", GONE + HOUR, carrier_code="3024", carrier_words="已至物流中心"))

    page = client.get(f"/orders/{parcel.order_id}/").content.decode()

    assert f"/warehouse/shipping/parcels/{parcel.pk}/" in page
    assert "3024 已至物流中心 · told by the carrier" in page


def test_people_of_another_place_see_none_of_it(parcel: Parcel) -> None:
    from tests.factories.inventory import make_place

    make_place(code="TAINAN", name="Tainan")
    scanned("P-1", moment=GONE)
    stranger = Client()
    sign_in(stranger, role="warehouse", name="tan", places=["TAINAN"])

    assert stranger.get(f"/warehouse/shipping/parcels/{parcel.pk}/").status_code == 404
    assert stranger.get(f"/warehouse/shipping/manifests/{NUMBER}/").status_code == 404
    for path in ("", "manifests/", "under-way/", "trouble/"):
        assert "P-1" not in shown(stranger, path)


@pytest.mark.parametrize("path", ["", "manifests/", "under-way/", "trouble/", f"manifests/{NUMBER}/"])
def test_a_page_takes_a_dozen_queries_whatever_it_shows(client: Client, path: str) -> None:
    stock_up(units=50)
    for number in range(6):
        parcel = box(packed_order(("OOLONG-150", 1), external_id=f"A-{number}"), f"P-{number}")
        scanned(f"P-{number}", moment=GONE)
        told(parcel, word("delivery_failed", GONE + HOUR))
    shown(client, path)

    with CaptureQueriesContext(
        connection,
    ) as asked:
        shown(client, path)

    assert len(asked) <= 12, [one["sql"][:90] for one in asked]
