"""What marketing caused, through the API: figures, power, and a holdout that is chosen once."""

import datetime as dt

import pytest

from reorder.domain.marketing.models import HoldoutChoice
from reorder.flows import effects
from tests.factories.api import call_as
from tests.factories.catalog import make_product
from tests.factories.effects import DECIDED, LATER, decide_messages, make_people, sell

pytestmark = pytest.mark.django_db(transaction=True)


def test_effects_are_read_and_a_holdout_is_chosen_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REORDER_CLOCK", LATER.isoformat())
    shop = call_as(scopes=["marketing:read", "marketing:write"])
    assert shop.get("/marketing/effects").body == {"as_of_date": None, "effects": []}
    assert shop.get("/marketing/effects/journey/nowhere").status == 404
    oolong = make_product()
    treated, held, nobody = (make_people(count=count, start=name) for name, count in (("t", 400), ("h", 200), ("g", 1)))
    decide_messages(customers=treated)
    decide_messages(customers=held, holdout="source")
    decide_messages(customers=nobody, holdout="global")
    sell(customers=[*treated[:240], *held[:40]], product=oolong, at=DECIDED + dt.timedelta(days=5))
    effects.measure(as_of=dt.date(2026, 11, 22), moment=LATER)

    every = shop.get("/marketing/effects").body
    assert [(one["source_kind"], one["source_key"]) for one in every["effects"]] == [
        ("global", "all"),
        ("journey", "replenishment"),
    ]
    found = shop.get("/marketing/effects/journey/replenishment").body
    assert (found["open_windows"], found["open_until"]) == (0, None)
    whole, ask = found["parts"]
    assert (whole["step_key"], ask["step_key"]) == ("", "ask")
    buyers = next(one for one in whole["measures"] if one["measure"] == "buyers")
    assert (buyers["treated_value"], buyers["held_out_value"]) == (0.6, 0.2)
    assert 0 < buyers["low"] < 0.4 < buyers["high"] < 1
    assert buyers["total"] == pytest.approx(160)
    # One held-out person is no comparison: no figure rather than an endless one.
    [alone] = shop.get("/marketing/effects/global/all").body["parts"]
    assert [one["difference"] for one in alone["measures"]] == [None] * 6

    power = shop.get("/marketing/effects/journey/replenishment/power?held_out_share=0.2&people=5000").body
    assert (power["verdict"], power["base_share"], power["is_base_measured"]) == ("good", 0.2, True)
    assert power["weeks"][0]["least_lift_share"] > power["weeks"][-1]["least_lift_share"]

    blind = shop.put("/marketing/effects/journey/replenishment/holdout", {"held_out_share": 0.9}, key="choice-1")
    assert (blind.status, blind.code) == (422, "effects.holdout_too_large")
    nobody_held = {"held_out_share": 0.0, "note": "a recall: everybody must hear"}
    for _ in range(2):
        chosen = shop.put("/marketing/effects/journey/replenishment/holdout", nobody_held, key="choice-2")
        assert (chosen.status, chosen.body["held_out_share"]) == (200, 0.0)
    assert HoldoutChoice.objects.count() == 1
