"""Waves through the API: proposed, made, released by a worker, shown with batches and lines, cancelled."""

import pytest

from reorder.flows import waves
from tests.factories.api import call_as
from tests.factories.order_life import placed
from tests.factories.placing import stock_up
from tests.factories.walking import LATER, lay_floor, put_in

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_wave_is_made_released_and_shown_with_its_lines() -> None:
    stock_up(units=20)
    lay_floor()
    put_in("A-02", units=20)
    for number in range(3):
        placed(("OOLONG-150", 2), external_id=f"A-{number}")
    caller = call_as()
    (proposal,) = caller.get("/waves/proposals", place="KEELUNG").body["items"]
    assert (proposal["orders"], proposal["lines"], proposal["units"]) == (3, 3, "6")

    made = caller.post("/waves", {"place": "KEELUNG", "proposal": proposal["key"]})
    again = caller.post("/waves", {"place": "KEELUNG", "proposal": proposal["key"]})
    wave_id = made.body["id"]
    asked = caller.post(f"/waves/{wave_id}/release", {})
    waves.run_release(wave_id=wave_id, asked_by="shop", moment=LATER)

    assert (made.status, made.body["state"], again.status, again.code) == (
        201, "planned", 409, "warehouse.nothing_for_wave",
    )  # fmt: skip
    assert (asked.status, asked.body["is_releasing"]) == (202, True)
    shown = caller.get(f"/waves/{wave_id}").body
    assert (shown["state"], shown["orders"], shown["lines"], shown["items"][0]["kind"]) == ("released", 3, 3, "singles")
    batch = caller.get(f"/pick-batches/{shown['items'][0]['id']}").body
    assert (batch["walk"], [line["bin"] for line in batch["items"]]) == (["A-02"], ["A-02"] * 3)
    assert [one["id"] for one in caller.get("/waves", place="KEELUNG").body["items"]] == [wave_id]
    assert caller.post(f"/waves/{wave_id}/cancel", {}).body["state"] == "cancelled"


def test_a_token_of_another_place_sees_no_wave() -> None:
    stock_up(units=20)
    lay_floor()
    placed(("OOLONG-150", 2))
    caller = call_as()
    key = caller.get("/waves/proposals", place="KEELUNG").body["items"][0]["key"]
    wave_id = caller.post("/waves", {"place": "KEELUNG", "proposal": key}).body["id"]
    stranger = call_as(places=["TAIPEI"])

    assert stranger.get(f"/waves/{wave_id}").status == 404
    assert stranger.post(f"/waves/{wave_id}/release", {}).status == 404
    assert stranger.get("/waves").body["items"] == []
    assert stranger.get("/waves/proposals", place="KEELUNG").status == 404
