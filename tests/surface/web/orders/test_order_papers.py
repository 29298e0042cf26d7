"""Pick lists, packing slips and confirmations: what they say, in both languages, for one order or many."""

import pypdfium2 as pdfium
import pytest
import zxingcpp
from django.test import Client

from reorder.domain.orders.models import Order
from reorder.domain.shipping.models import Parcel
from reorder.flows.documents.barcodes import code128_widths
from tests.factories.placing import order_of, place, stock_up
from tests.factories.staff import sign_in
from tests.factories.tracked import box, packed_order

pytestmark = pytest.mark.django_db(transaction=True)


def text_of(content: bytes) -> list[str]:
    """The text of each page."""
    document = pdfium.PdfDocument(content)
    return [document[number].get_textpage().get_text_range() for number in range(len(document))]


def two_orders() -> list[int]:
    """Two orders of one place."""
    stock_up(units=20, lot="L-2027")
    place(order_of(("OOLONG-150", 2), external_id="A-1"), order_of(("OOLONG-150", 3), external_id="A-2"))
    return list(Order.objects.order_by("pk").values_list("pk", flat=True))


def test_a_pick_list_names_lot_units_and_orders_of_a_place_on_one_sheet(client: Client) -> None:
    ids = two_orders()
    sign_in(client)
    answer = client.post("/orders/bulk/", {"action": "print_pick", "id": [str(one) for one in ids]})
    assert answer["Content-Type"] == "application/pdf"
    (page,) = text_of(answer.content)
    for words in ("Pick list", "KEELUNG", "OOLONG-150", "L-2027", "A-1", "A-2"):
        assert words in page


def test_a_packing_slip_has_the_address_and_no_price(client: Client) -> None:
    ids = two_orders()
    sign_in(client)
    pages = text_of(client.post("/orders/bulk/", {"action": "print_slip", "id": [str(one) for one in ids]}).content)
    assert len(pages) == 2
    assert "松仁路 1 號" in pages[0]
    assert "NT$" not in pages[0]


def test_a_shipment_of_two_boxes_has_a_slip_for_each_with_what_is_in_it(client: Client) -> None:
    stock_up(units=5)
    order_id = packed_order(("OOLONG-150", 3), payment="cash_on_delivery")
    box(order_id, "P-1")
    second = box(order_id, "P-2")
    line_id, product_id = second.contents[0][:2]
    Parcel.objects.filter(pk=second.pk).update(
        contents=[[line_id, product_id, "OOLONG-150", "1.5", "L1"], [line_id, product_id, "OOLONG-150", "0.5", "L2"]]
    )
    box(order_id, "P-3", state="cancelled")
    sign_in(client)

    pages = text_of(client.get(f"/orders/{order_id}/print/slip/?language=en").content)

    assert len(pages) == 2
    for page, words in zip(pages, ("P-1 (1 of 2) · 黑貓 TP-1", "P-2 (2 of 2) · 黑貓 TP-2"), strict=True):
        assert words in page
    rows = [next(line for line in page.splitlines() if "OOLONG-150" in line).split()[-1] for page in pages]
    assert rows == ["1", "2"]
    # The money is asked for once.
    assert ["Cash on delivery" in page for page in pages] == [True, False]


@pytest.mark.parametrize(("language", "words"), [("en", "Order confirmation"), ("zh-hant", "NT$900")])
def test_a_confirmation_adds_up_in_both_languages(client: Client, language: str, words: str) -> None:
    ids = two_orders()
    sign_in(client)
    (page,) = text_of(client.get(f"/orders/{ids[0]}/print/receipt/?language={language}").content)
    assert words in page
    assert "NT$450" in page


def test_a_paper_that_there_is_not_is_refused(client: Client) -> None:
    ids = two_orders()
    sign_in(client)
    assert client.get(f"/orders/{ids[0]}/print/poem/").status_code == 422


def test_a_bar_code_of_code_128_is_that_of_the_standard() -> None:
    # "A" in code set B: start 211214, A 111323, check (104 + 33) mod 103 = 34 → 131123, stop 2331112.
    assert "".join(map(str, code128_widths(text="A"))) == "211214" + "111323" + "131123" + "2331112"
    assert code128_widths(text="訂單") == []
    assert code128_widths(text="") == []


@pytest.mark.parametrize("kind", ["slip", "receipt", "pick"])
@pytest.mark.parametrize("language", ["en", "zh-hant"])
def test_the_bar_code_of_a_paper_reads_as_the_number_of_its_order(client: Client, kind: str, language: str) -> None:
    ids = two_orders()
    sign_in(client)
    paper = client.get(f"/orders/{ids[0]}/print/{kind}/?language={language}").content
    page = pdfium.PdfDocument(paper)[0].render(scale=4).to_pil().convert("L")
    assert [one.text for one in zxingcpp.read_barcodes(page)] == ["A-1"]
