"""Scans of the floor by token: answered by themselves, once for each key."""

import pytest

from tests.factories.api import call_as
from tests.factories.floor import OOLONG_GTIN, STRANGE_GTIN, make_delivery
from tests.factories.inventory import KEELUNG, stock_at

pytestmark = pytest.mark.django_db


def test_scans_by_token_are_taken_once_and_answered_one_by_one() -> None:
    order = make_delivery()
    caller = call_as(scopes=["fulfilment:write", "proposals:write"])
    scans = [
        {"key": f"robot-000{at}", "work": "receive", "task": order.number, "place": KEELUNG, "code": code, "units": "4"}
        for at, code in enumerate([OOLONG_GTIN, STRANGE_GTIN])
    ]

    first = caller.post("/floor/scans", {"scans": scans})
    again = caller.post("/floor/scans", {"scans": scans})

    assert first.status == 200
    assert [one["outcome"] for one in first.body["answers"]] == ["right", "wrong"]
    assert [one["is_replay"] for one in again.body["answers"]] == [True, True]
    assert first.body["answers"][0]["message"] == "4 × Oolong 150 g taken in. 8 still to come."
    assert stock_at(sku="OOLONG-150") == 4


def test_receiving_needs_the_scope_of_buying_as_well() -> None:
    order = make_delivery()
    caller = call_as(scopes=["fulfilment:write"])
    scan = {"key": "robot-0001", "work": "receive", "task": order.number, "place": KEELUNG, "code": OOLONG_GTIN}

    answered = caller.post("/floor/scans", {"scans": [scan]})

    assert answered.body["answers"][0]["error"] == "staff.not_allowed"
    assert stock_at(sku="OOLONG-150") == 0


def test_a_plan_is_shown_and_an_unknown_task_is_not_found() -> None:
    order = make_delivery()
    caller = call_as(scopes=["fulfilment:write", "proposals:write"])

    shown = caller.get(f"/floor/plan?work=receive&task={order.number}&place={KEELUNG}")

    assert [step["sku"] for step in shown.body["plan"]["steps"]] == ["MATCHA-30", "OOLONG-150", ""]
    assert caller.get(f"/floor/plan?work=receive&task=PO-1&place={KEELUNG}").status == 404
    assert caller.get(f"/floor/plan?work=dance&task=PO-1&place={KEELUNG}").status == 404


def test_more_than_fifty_scans_and_bad_keys_are_refused() -> None:
    caller = call_as(scopes=["fulfilment:write"])
    scan = {"key": "robot-0001", "work": "pick", "task": "1", "place": KEELUNG}

    assert caller.post("/floor/scans", {"scans": [scan] * 51}).status == 422
    assert caller.post("/floor/scans", {"scans": [scan | {"key": "a b"}]}).status == 422
