"""The desk of returns: from the wish in the portal to the money, by its pages; what cannot be is said there."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from reorder.domain.orders.models import Order, OrderLine
from reorder.domain.payments.models import Refund
from reorder.domain.shipping.models import Parcel
from reorder.domain.warehouse.models import Return, ReturnGrade, ReturnPhoto, ReturnPiece, ReturnRule
from reorder.flows import returns
from tests.factories.messaging import make_reader
from tests.factories.order_life import ledger_agrees
from tests.factories.pages import said
from tests.factories.placing import MERCHANT, stock_up
from tests.factories.portal import Shopper, open_portal
from tests.factories.returning import BACK, delivered, graded, opened, received
from tests.factories.staff import sign_in
from tests.factories.tracked import DAY, HOUR, told, word
from tests.surface.web.portal.test_portal_orders import PNG, deliver

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_return_goes_from_the_wish_in_the_portal_to_the_money_by_pages(client: Client, settings: Any) -> None:
    open_portal(settings)
    make_reader()
    stock_up(units=10)
    mei = Shopper().enter()
    order = mei.order(units="2")
    deliver(order)
    line = order.lines.get()
    answer = mei.post(
        f"/shop/orders/{order.pk}/send-back/",
        reason="damaged",
        wants="refund",
        photo=SimpleUploadedFile("a.png", PNG),
        more=[SimpleUploadedFile("b.png", PNG)],
        **{f"units-{line.pk}": "2"},
    )
    assert answer.status_code == 302
    one = Return.objects.get()
    assert (one.state, one.opened_by, one.reason, ReturnPhoto.objects.count()) == (
        "requested",
        "customer",
        "damaged",
        1,
    )

    sign_in(client, role="owner")
    assert one.number in client.get("/returns/").content.decode()
    base = f"/returns/{one.pk}/"
    assert "Accept the return" in client.get(base).content.decode()
    client.post(f"{base}answer", {"answer": "accept", "answer-word": "Send it to Keelung."})
    page = mei.page(f"/shop/orders/{order.pk}/")
    assert "You may send it back." in page
    assert one.number in page
    slip = mei.get(f"/shop/orders/{order.pk}/returns/{one.pk}/slip/")
    assert slip.content[:5] == b"%PDF-"
    assert mei.post(f"/shop/orders/{order.pk}/returns/{one.pk}/sent", tracking_number="BACK-1").status_code == 302
    assert "It is on its way to us." in mei.page(f"/shop/orders/{order.pk}/")

    back = one.lines.get()
    assert client.post(f"{base}receive", {f"units-{back.pk}": "2", "attempt": "a"}).status_code == 302
    piece = ReturnPiece.objects.get()
    answer = client.post(
        f"{base}grade",
        {"grade-piece": piece.pk, "grade-seen": "2", "grade-units": "2", "grade-grade": "A"},
    )
    assert answer.status_code == 302
    assert "are worth" in said(client.get(base))
    assert client.post(f"{base}settle", {"settle-resolution": "refund", "settle-amount": ""}).status_code == 302
    one.refresh_from_db()
    order.refresh_from_db()
    assert (one.state, one.refund_minor, order.refunded_minor) == ("closed", order.paid_minor, order.paid_minor)
    assert Refund.objects.get().amount_minor == order.paid_minor
    assert "It is settled." in mei.page(f"/shop/orders/{order.pk}/")
    assert client.get(base).status_code == 200
    assert ledger_agrees()


def test_somebody_elses_return_is_neither_seen_nor_changed(settings: Any) -> None:
    open_portal(settings)
    make_reader()
    stock_up(units=10)
    mei = Shopper().enter()
    order = mei.order(units="2")
    deliver(order)
    mei.post(f"/shop/orders/{order.pk}/send-back/", reason="damaged", **{f"units-{order.lines.get().pk}": "1"})
    one = Return.objects.get()
    lin = Shopper().enter("lin@example.net")
    for path in ("sent", "off"):
        assert lin.post(f"/shop/orders/{order.pk}/returns/{one.pk}/{path}").status_code == 404
    assert lin.get(f"/shop/orders/{order.pk}/returns/{one.pk}/slip/").status_code == 404
    assert mei.get(f"/shop/orders/{order.pk}/returns/{one.pk}/slip/").status_code == 404
    assert mei.post(f"/shop/orders/{order.pk}/returns/{one.pk}/off").status_code == 302
    one.refresh_from_db()
    assert one.state == "cancelled"


def test_rules_tell_the_customer_why_not_and_accept_by_themselves(client: Client, settings: Any) -> None:
    open_portal(settings)
    make_reader()
    stock_up(units=10)
    mei = Shopper().enter()
    order = mei.order(units="2")
    deliver(order)
    sign_in(client, role="owner")
    rule = {"window_days": "14", "payer": "customer", "way_back": "own", "refunds_shipping": "on"}
    assert client.post("/setup/returns/put", {**rule, "sku": "OOLONG-150", "fee": ""}).status_code == 302
    field = {f"units-{order.lines.get().pk}": "1"}
    refused = mei.post(f"/shop/orders/{order.pk}/send-back/", reason="not wanted any more", **field)
    assert refused.status_code == 422
    assert "cannot be sent back once it was delivered" in said(refused)
    assert Return.objects.count() == 0

    known = ReturnRule.objects.get()
    given = {**rule, "sku": "OOLONG-150", "is_returnable": "on", "accepts_up_to": "1000", "fee": "60"}
    assert client.post("/setup/returns/put", {**given, "rule": known.pk}).status_code == 302
    mei.post(f"/shop/orders/{order.pk}/send-back/", reason="not wanted any more", **field)
    one = Return.objects.get()
    assert (one.state, one.payer, one.fee_minor) == ("accepted", "customer", 6_000)
    assert "You pay for the way back." in mei.page(f"/shop/orders/{order.pk}/")


def test_bad_rules_and_words_are_said_beside_their_fields(client: Client) -> None:
    stock_up(units=1)
    sign_in(client, role="owner")
    rule = {"window_days": "14", "payer": "customer", "way_back": "own"}
    assert "no product with this SKU" in said(client.post("/setup/returns/put", {**rule, "sku": "NOPE"}))
    assert client.post("/setup/returns/put", {**rule, "window_days": "-1"}).status_code == 422
    assert client.post("/setup/returns/put", {**rule, "fee": "abc"}).status_code == 422
    assert client.post("/setup/returns/put", rule).status_code == 302
    again = client.post("/setup/returns/put", rule)
    assert (again.status_code, ReturnRule.objects.count()) == (422, 1)
    assert "there is a rule for these goods already" in said(again)
    words = {f"name-{one}": one for one in "ABCD"} | {f"name_zh-{one}": one for one in "ABCD"}
    ways = {f"disposition-{one}": "scrap" for one in "ABCD"}
    assert client.post("/setup/returns/grades", {**words, **ways, "name-A": ""}).status_code == 422
    assert client.post("/setup/returns/grades", {**words, **ways}).status_code == 302
    assert ReturnGrade.objects.filter(disposition="scrap").count() == 4
    assert client.post(f"/setup/returns/{ReturnRule.objects.get().pk}/remove").status_code == 302
    assert ReturnRule.objects.count() == 0


def test_the_desk_opens_a_return_for_a_customer_on_the_phone(client: Client) -> None:
    stock_up(units=10)
    order_id = delivered(("OOLONG-150", 3))
    line = OrderLine.objects.get(order_id=order_id)
    sign_in(client, role="support")
    assert "of 3" in said(client.get(f"/returns/new/{order_id}/"))
    given = {"reason": "wrong goods", "wants": "exchange"}
    many = client.post(f"/returns/new/{order_id}/open", {**given, f"units-{line.pk}": "4"})
    assert (many.status_code, Return.objects.count()) == (422, 0)
    assert "only 3 can still come back" in said(many)
    answer = client.post(f"/returns/new/{order_id}/open", {**given, f"units-{line.pk}": "2"})
    assert answer["Location"] == f"/returns/{Return.objects.get().pk}/"
    assert Return.objects.get().number in client.get(f"/orders/{order_id}/").content.decode()


def test_a_grade_from_an_old_page_is_refused_and_changes_nothing(client: Client) -> None:
    stock_up(units=10)
    return_id, piece = received(delivered(("OOLONG-150", 3)), 2)
    graded(return_id, piece, units=1)
    sign_in(client, role="owner")
    old = {"grade-piece": piece.id, "grade-seen": "2", "grade-units": "1", "grade-grade": "A"}
    answer = client.post(f"/returns/{return_id}/grade", old)
    assert (answer.status_code, ReturnPiece.objects.filter(grade="").count()) == (409, 1)
    assert "Nothing was changed." in said(answer)


def test_goods_for_the_supplier_leave_with_a_claim(client: Client) -> None:
    stock_up(units=10)
    return_id, piece = received(delivered(("OOLONG-150", 3)), 2)
    graded(return_id, piece, "A", disposition="supplier", reason="mouldy")
    sign_in(client, role="owner")
    assert "mouldy" in said(client.get("/returns/suppliers/"))
    answer = client.post("/returns/suppliers/send", {"supplier": "", "piece": [piece.id]})
    assert answer.status_code == 302
    row = ReturnPiece.objects.get()
    assert (row.claim_number[:2], row.ended_at is not None, ledger_agrees()) == ("RC", True, True)
    again = client.post("/returns/suppliers/send", {"supplier": "", "piece": [piece.id]})
    assert again.status_code == 422


def test_pages_of_returns_are_seen_by_those_who_may(client: Client) -> None:
    stock_up(units=10)
    return_id = opened(delivered(("OOLONG-150", 3)), 1)
    sign_in(client, role="marketer")
    assert client.get(f"/returns/{return_id}/").status_code == 200
    assert client.post(f"/returns/{return_id}/cancel").status_code == 403
    assert client.get("/returns/999999/").status_code == 404
    slip = client.get(f"/returns/{return_id}/slip/?language=zh-hant")
    assert slip.content[:5] == b"%PDF-"
    assert Order.objects.count() == 1


@pytest.mark.parametrize("path", ["/returns/", "/returns/{id}/"])
def test_pages_ask_a_dozen_questions_whatever_they_show(client: Client, path: str) -> None:
    stock_up(units=20)
    return_id, piece = received(delivered(("OOLONG-150", 6)), 4)
    for units in (1, 1, 2):
        piece = ReturnPiece.objects.get(grade="")
        graded(return_id, piece, "B", units=units)
    for turn in range(3):
        opened(delivered(("OOLONG-150", 1), external_id=f"B-{turn}"), 1)
    sign_in(client, role="owner")
    client.get(path.format(id=return_id))
    with CaptureQueriesContext(connection) as asked:
        assert client.get(path.format(id=return_id)).status_code == 200
    assert len([one for one in asked if "SAVEPOINT" not in one["sql"]]) <= 16


def test_a_parcel_that_its_carrier_delivered_to_us_is_to_be_received(client: Client) -> None:
    stock_up(units=10)
    return_id = opened(delivered(("OOLONG-150", 2)), 1)
    returns.send_instructions(
        return_id=return_id, way_back="label", carrier="Cat", tracking_number="B1", actor=MERCHANT, moment=BACK
    )
    parcel = Parcel.objects.get(direction="back")
    sign_in(client, role="owner")
    assert "The goods are awaited." in said(client.get(f"/returns/{return_id}/"))

    told(parcel, word("in_transit", BACK + HOUR))
    assert (
        Return.objects.get().state,
        "The goods are on their way." in said(client.get(f"/returns/{return_id}/")),
    ) == (
        "under_way",
        True,
    )
    told(parcel, word("delivered", BACK + DAY))

    page = said(client.get(f"/returns/{return_id}/"))
    assert "Its carrier says that the parcel has arrived: it is to be received." in page
    assert "These have come, by hand count" in page
