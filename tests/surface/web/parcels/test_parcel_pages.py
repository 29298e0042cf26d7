"""Parcels on pages: buying, printing, giving back, settling what nobody knows, and batches."""

import dataclasses
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pypdfium2
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from reorder.domain.orders.models import Order
from reorder.domain.shipping import labels as kept
from reorder.domain.shipping.models import Label, LabelBatch, Parcel
from reorder.flows import labels
from tests.factories.easypost import Stub, stub_carrier
from tests.factories.order_life import placed
from tests.factories.pages import said
from tests.factories.parcels import (
    another_parcel,
    easypost_account,
    ecpay_account,
    packed_parcel,
    services_of_taiwan,
)
from tests.factories.placing import NOON, stock_up
from tests.factories.staff import sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    monkeypatch.setenv("REORDER_CLOCK", NOON.isoformat())
    settings.REORDER = dataclasses.replace(settings.REORDER, outgoing_networks=("127.0.0.0/8",))


@pytest.fixture
def stub() -> Iterator[Stub]:
    with stub_carrier() as made:
        yield made


@pytest.fixture
def packer(client: Client) -> Client:
    sign_in(client, role="warehouse", name="Wei")
    return client


def page(parcel: Parcel) -> str:
    return f"/warehouse/parcels/{parcel.pk}/"


def test_the_best_service_is_offered_bought_printed_and_counted(packer: Client) -> None:
    parcel = packed_parcel()

    offered = said(packer.get(page(parcel)))
    bought = packer.post(f"{page(parcel)}buy", {"key": "1", "service": "home"}, follow=True)
    again = packer.post(f"{page(parcel)}buy", {"key": "1", "service": "home"}, follow=True)
    pdf = packer.get(f"{page(parcel)}label.pdf")
    zpl = packer.get(f"{page(parcel)}label.zpl")

    row = Label.objects.get()
    assert "宅配 Home delivery · NT$80" in offered
    assert "it goes to a store, the customer wants it at the door" in offered
    assert f"The label is bought: {row.tracking_number}." in said(bought)
    assert again.status_code == 200
    assert (pdf["Content-Type"], pdf.content[:4], zpl.content[:3]) == ("application/pdf", b"%PDF", b"^XA")
    assert row.prints_count == 2
    assert "2 times" in said(packer.get(page(parcel)))


def test_a_second_form_buys_no_second_label(packer: Client) -> None:
    parcel = packed_parcel()
    packer.post(f"{page(parcel)}buy", {"key": "1", "service": "home"})

    answer = packer.post(f"{page(parcel)}buy", {"key": "2", "service": "home"})

    assert answer.status_code == 409
    assert "has a label already" in said(answer)
    assert Label.objects.count() == 1


def test_a_label_that_nobody_knows_of_is_decided_by_a_person(packer: Client, stub: Stub) -> None:
    parcel = packed_parcel()
    other = another_parcel(order_id=parcel.order_id)
    easypost_account(address=stub.address)
    stub.answers["/buy"] = (500, b"oops")
    for one in (parcel, other):
        packer.post(f"{page(one)}buy", {"key": "1", "service": "home"})
    first, second = Label.objects.order_by("pk")

    shown = said(packer.get(page(parcel)))
    wrong = packer.post(f"/warehouse/parcels/labels/{first.pk}/bought", {"tracking_number": "?"})
    packer.post(f"/warehouse/parcels/labels/{first.pk}/bought", {"tracking_number": "TW-1234"})
    packer.post(f"/warehouse/parcels/labels/{second.pk}/not-bought")

    assert "Was this label bought?" in shown
    assert first.reference in shown
    assert wrong.status_code == 422
    assert [(one.state, one.decided_by) for one in Label.objects.order_by("pk")] == [
        ("bought", "Wei"),
        ("failed", "Wei"),
    ]
    assert Parcel.objects.get(pk=parcel.pk).tracking_number == "TW-1234"


def test_asking_the_carrier_settles_a_label(packer: Client, stub: Stub) -> None:
    parcel = packed_parcel()
    easypost_account(address=stub.address)
    stub.answers["/buy"] = (500, b"oops")
    packer.post(f"{page(parcel)}buy", {"key": "1", "service": "home"})
    label = Label.objects.get()

    answer = packer.post(f"/warehouse/parcels/labels/{label.pk}/ask", follow=True)

    assert "No label was bought. Stub Post knows of no label" in said(answer)


def test_a_label_is_given_back(packer: Client) -> None:
    parcel = packed_parcel()
    packer.post(f"{page(parcel)}buy", {"key": "1", "service": "home"})

    answer = packer.post(f"/warehouse/parcels/labels/{Label.objects.get().pk}/void", follow=True)

    assert "The label is given back." in said(answer)
    assert Parcel.objects.get(pk=parcel.pk).tracking_number == ""


def test_labels_of_many_parcels_are_bought_by_a_job_and_printed_as_one_document(packer: Client) -> None:
    parcel = packed_parcel()
    others = [another_parcel(order_id=parcel.order_id), another_parcel(order_id=parcel.order_id, grams=40_000)]
    ids = [parcel.pk, *[one.pk for one in others]]

    asked = packer.post("/warehouse/parcels/labels/buy", {"id": ids})
    batch = LabelBatch.objects.get()
    waiting = said(packer.get(asked["Location"]))
    for _twice in range(2):
        labels.run_batch(batch_id=batch.pk, moment=NOON)
    done = said(packer.get(f"/warehouse/parcels/labels/batches/{batch.pk}/progress"))
    printed = packer.post("/warehouse/parcels/labels/print", {"id": ids, "as": "pdf"})

    assert "Buying labels 0/3" in waiting
    assert "2 parcels have their labels." in done
    assert "it takes up to 20 kg" in done
    assert Label.objects.count() == 2
    assert len(pypdfium2.PdfDocument(printed.content)) == 2


def test_the_carriers_own_page_gets_signed_fields_and_this_page_alone_may_post_there(packer: Client) -> None:
    from reorder.domain.shipping.carriers.values import BoughtLabel
    from tests.factories.placing import MERCHANT

    parcel = packed_parcel()
    ecpay_account(home="TCAT")
    row = labels.claim(
        wish=labels.LabelWish(parcel_id=parcel.pk, key="k", service_code="home"), actor=MERCHANT, moment=NOON
    )
    bought = BoughtLabel(carrier_reference="10001", tracking_number="1234567890")
    kept.record_bought(label_id=row.id, bought=bought, carrier="ECPay", moment=NOON)

    answer = packer.post(f"/warehouse/parcels/labels/{row.id}/form")

    assert 'action="https://logistics-stage.ecpay.com.tw/helper/printTradeDocument"' in answer.content.decode()
    assert "form-action 'self' https://logistics-stage.ecpay.com.tw" in answer["Content-Security-Policy"]
    assert "ecpay" not in packer.get(page(parcel))["Content-Security-Policy"]


def test_lists_show_what_waits_and_ask_little_of_the_database(packer: Client) -> None:
    parcel = packed_parcel()
    for _number in range(5):
        another_parcel(order_id=parcel.order_id)
    packer.get("/warehouse/parcels/")

    with CaptureQueriesContext(
        connection,
    ) as asked:
        answer = packer.get("/warehouse/parcels/")

    assert "6 packed parcels wait for their labels." in said(answer)
    assert len(asked) <= 12
    packer.get(page(parcel))
    with CaptureQueriesContext(connection) as asked:
        packer.get(page(parcel))
    assert len(asked) <= 12


def test_somebody_of_another_place_sees_no_parcel(client: Client) -> None:
    parcel = packed_parcel()
    sign_in(client, role="warehouse", name="Far", places=["KAOHSIUNG"])

    assert client.get(page(parcel)).status_code == 404
    assert client.post(f"{page(parcel)}buy", {"key": "1", "service": "home"}).status_code == 404
    assert Label.objects.count() == 0


def test_a_store_is_chosen_on_the_map_and_becomes_the_orders_address(client: Client) -> None:
    services_of_taiwan()
    stock_up()
    order_id = placed(("OOLONG-150", 1))
    ecpay_account()
    sign_in(client, role="owner", name="Mei")

    shown = client.get(f"/warehouse/parcels/stores/{order_id}/")
    page_text = shown.content.decode()
    token = re.search(r"/carriers/stores/([^/]+)/", page_text)
    assert token is not None
    client.logout()
    chosen = {
        "LogisticsSubType": "FAMIC2C",
        "CVSStoreID": "001779",
        "CVSStoreName": "全家松仁店",
        "CVSAddress": "松仁路 1 號",
    }

    def post(word: str, fields: dict[str, str]) -> Any:
        return client.post(
            f"/carriers/stores/{word}/", urlencode(fields), content_type="application/x-www-form-urlencoded"
        )

    taken, forged = post(token[1], chosen), post(f"{token[1]}x", chosen)
    nonsense = post(token[1], {**chosen, "CVSStoreID": "../etc"})

    order = Order.objects.select_related("ship_to").get(pk=order_id)
    assert taken.status_code == 302, said(taken)
    assert 'action="https://logistics-stage.ecpay.com.tw/Express/map"' in page_text
    assert "form-action 'self' https://logistics-stage.ecpay.com.tw" in shown["Content-Security-Policy"]
    assert (taken.status_code, forged.status_code, nonsense.status_code) == (302, 422, 422)
    assert order.ship_to is not None
    assert (order.ship_to.store_code, order.ship_to.line1, order.ship_to.name) == ("001779", "全家松仁店", "林美玲")


def test_an_order_without_a_carrier_of_stores_is_told_so(client: Client) -> None:
    services_of_taiwan()
    stock_up()
    order_id = placed(("OOLONG-150", 1))
    sign_in(client, role="owner", name="Mei")

    assert "No carrier account offers a map of stores." in said(client.get(f"/warehouse/parcels/stores/{order_id}/"))
