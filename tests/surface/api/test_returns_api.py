"""Returns through the API: opened, accepted, received, graded and settled; the same key does everything once."""

from decimal import Decimal
from typing import Any

import pytest

from reorder.domain.inventory.models import Level
from reorder.domain.orders.models import Order
from reorder.kernel import clock
from tests.factories.api import Caller, make_secret
from tests.factories.order_life import ledger_agrees
from tests.factories.placing import stock_up
from tests.factories.returning import BACK, delivered, line_key

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def caller(monkeypatch: Any) -> Caller:
    made = Caller(secret=make_secret())
    monkeypatch.setattr(clock, "current_moment", lambda: BACK)
    return made


def test_a_return_goes_from_opening_to_the_money(caller: Caller) -> None:
    stock_up(units=10)
    order_id = delivered(("OOLONG-150", 3))
    body = {
        "order_id": order_id,
        "reason": "damaged",
        "lines": [{"line_key": line_key(order_id), "units": 2}],
    }
    made = caller.post("/returns", body)
    assert (made.status, made.body["state"], made.body["lines"][0]["announced"]) == (201, "requested", "2")
    base = f"/returns/{made.body['id']}"
    assert caller.post(f"{base}/accept", {"word": "Send it."}).body["state"] == "accepted"
    came = caller.post(f"{base}/receive", {"goods": [{"sku": "OOLONG-150", "units": 2}]})
    piece = came.body["pieces"][0]
    assert (came.body["state"], piece["units"], piece["grade"]) == ("received", "2", "")
    grading = {"piece_id": piece["id"], "seen_units": 2, "units": 2, "grade": "B"}
    graded = caller.post(f"{base}/grade", grading)
    assert (graded.body["state"], graded.body["pieces"][0]["disposition"]) == ("inspected", "refurbish")
    assert caller.post(f"{base}/grade", grading).status == 409
    ended = caller.post(f"{base}/settle", {"resolution": "refund"})
    assert (ended.body["state"], ended.body["refund"]) == ("closed", "900")
    assert Order.objects.get(pk=order_id).refunded_minor == 90_000
    listed = caller.get("/returns", tab="closed").body["items"]
    assert [one["number"] for one in listed] == [made.body["number"]]
    level = Level.objects.get()
    assert (level.on_hand_units, level.held_units, ledger_agrees()) == (Decimal(9), Decimal(2), True)


def test_what_cannot_be_is_a_problem_that_changes_nothing(caller: Caller) -> None:
    stock_up(units=10)
    order_id = delivered(("OOLONG-150", 3))
    body = {"order_id": order_id, "reason": "damaged", "lines": [{"line_key": line_key(order_id), "units": 4}]}
    assert caller.post("/returns", body).code == "returns.too_many"
    assert caller.post("/returns", {**body, "order_id": 999_999}).status == 404
    body["lines"][0]["units"] = 1  # type: ignore[index]
    base = f"/returns/{caller.post('/returns', body).body['id']}"
    assert caller.post(f"{base}/accept", {"word": " "}).code == "returns.bad_input"
    assert caller.post(f"{base}/receive", {"goods": [{"sku": "NOPE", "units": 1}]}).code == "returns.bad_input"
    two = {"goods": [{"sku": "OOLONG-150", "units": 1}, {"sku": "OOLONG-150", "units": 9}]}
    assert caller.post(f"{base}/receive", two).code == "returns.too_many"
    assert caller.post(f"{base}/settle", {"resolution": "refund"}).status == 409
    assert (Level.objects.get().on_hand_units, ledger_agrees()) == (7, True)
    assert caller.get("/returns/999999").status == 404
