"""Journeys on the desk: the ready-made set in one screen, a flow built by buttons, people, tasks; and by the API."""

import dataclasses
import re
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from reorder.domain.catalog.models import Category
from reorder.domain.marketing.journeys.keeping import get_journey
from reorder.domain.marketing.models import Enrolment, Journey, JourneyTask
from reorder.domain.marketing.segment_editing import NewSegment
from reorder.domain.marketing.segment_errors import SegmentInUse
from reorder.flows import segmenting
from reorder.flows.content.ready_made import lay_down
from reorder.flows.journeys import editing, take_facts_and_step
from reorder.kernel.clock import current_moment
from tests.factories.api import Caller, make_secret
from tests.factories.catalog import make_product
from tests.factories.journeys import document, happen, run_journey
from tests.factories.messaging import NIGHT, make_reader
from tests.factories.staff import sign_in

pytestmark = pytest.mark.django_db
BASE = "/marketing/journeys"


@pytest.fixture(autouse=True)
def nobody_is_held_out(settings: LazySettings) -> None:
    settings.REORDER = dataclasses.replace(settings.REORDER, holdout_share=0.0)


def marketer() -> Client:
    client = Client()
    sign_in(client, role="marketer")
    return client


def page(client: Client, path: str = "") -> str:
    answer = client.get(f"{BASE}/{path}")
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.content.decode()


def press(client: Client, path: str, **fields: Any) -> str:
    """What a form sends; returns the page that follows, or says what was refused."""
    answer = client.post(f"{BASE}/{path}", fields, follow=True)
    assert answer.status_code in {200, 422}, (path, answer.status_code, answer.content.decode()[:400])
    return answer.content.decode()


def test_the_ready_made_set_is_switched_on_in_one_screen() -> None:
    client = marketer()
    Category.objects.create(code="tea", name="Tea")
    assert "Ready-made journeys" in page(client)
    ready = page(client, "ready/")
    assert ready.count('type="checkbox" class="form-check-input" name="on-') == 17

    refused = press(client, "ready/switch/", **{"on-birthday": "1", "birthday-valid_days": "99"})
    assert "Ensure this value is less than or equal to 60" in refused
    refused = press(client, "ready/switch/", **{"on-birthday": "1", "type1-offset_days": "-3"})
    assert "Choose the product type that this is for." in refused
    assert not Journey.objects.exists()
    html = press(client, "ready/switch/", **{
        "type2-category": "tea", "type2-offset_days": "-5", "type2-channel1": "email", "type2-channel2": "line",
        "on-replenishment": "1", "replenishment-channel1": "line", "replenishment-channel2": "email",
        "replenishment-offset_days": "-2", "on-cart-left": "1", "cart-left-channel1": "email",
    })  # fmt: skip
    assert "2 journeys are switched on." in html
    assert {row.code: row.state for row in Journey.objects.all()} == {"replenishment": "live", "cart-left": "live"}
    settings = get_journey(code="replenishment").draft["settings"]
    assert (settings["channels"], settings["offset_days"], settings["valid_days"]) == (["line", "email"], -2, 3)
    for code in ("replenishment", "cart-left"):
        own = get_journey(code=code).draft["settings"]["categories"]
        assert own == {"tea": {"channels": ["email", "line"], "offset_days": -5}}
    assert page(client, "ready/").count('name="on-') == 15


def test_a_flow_is_built_by_buttons_switched_on_and_changed() -> None:
    client = marketer()
    lay_down(laid_by="ann", moment=current_moment(), codes=("cart-left",))
    press(client, "create/", name="Tea time", code="Tea Time")
    assert not Journey.objects.exists()
    press(client, "create/", name="Tea time", code="tea-time")

    def seen() -> int:
        return Journey.objects.get(code="tea-time").draft_number

    assert "There is no step yet" in page(client, "tea-time/")
    press(client, "tea-time/part/", part="trigger", seen=seen(), facts=["carted"], again="after", again_days=7)
    press(client, "tea-time/add/", seen=seen(), **{"from": "", "by": "start", "kind": "message"})
    html = page(client, "tea-time/?step=message1")
    assert "Choose what the message says: a template is missing." in html
    assert "Counts as worth 3 more orders in 100 messages, as is usual, times what an order leaves." in html
    told = press(client, "tea-time/switch/", what="on")
    assert "This journey cannot be switched on. Step message1: Choose what the message says" in told

    press(client, "tea-time/step/", seen=seen(), step="message1", template="cart-left", purpose="marketing",
          stock_rule="ignore", channel1="email")  # fmt: skip
    press(client, "tea-time/add/", seen=seen(), **{"from": "message1", "by": "next", "kind": "condition"})
    press(client, "tea-time/add/", seen=seen(), **{"from": "condition1", "by": "no", "kind": "task"})
    refused = press(client, "tea-time/step/", seen=seen(), step="task1", text="")
    assert "This field is required." in refused
    press(client, "tea-time/step/", seen=seen(), step="task1", text="Ring up")
    press(client, "tea-time/part/", part="exits", seen=seen(), facts=["ordered"], about="goods")
    press(client, "tea-time/part/", part="settings", seen=seen(), channel1="email", valid_days=5)
    # Somebody else was faster: nothing is lost, and nothing overwritten.
    late = client.post(f"{BASE}/tea-time/move/", {"seen": seen() - 1, "step": "task1", "what": "remove"})
    assert late.status_code == 409
    press(client, "tea-time/switch/", what="on")

    row = get_journey(code="tea-time")
    assert (row.state, row.version_number, row.draft) == ("live", 1, {
        "trigger": {"facts": ["carted"], "again": "after", "again_days": 7},
        "start": "message1",
        "steps": {
            "message1": {"kind": "message", "template": "cart-left", "stock_rule": "ignore", "channels": ["email"],
                         "next": "condition1"},
            "condition1": {"kind": "condition", "test": "bought", "about": "anything", "no": "task1"},
            "task1": {"kind": "task", "text": "Ring up", "next": None},
        },
        "exits": [{"facts": ["ordered"], "about": "goods"}],
        "settings": {"channels": ["email"], "valid_days": 5},
    })  # fmt: skip

    mei = make_reader()
    happen(mei, "carted", subject="A", at=current_moment())
    html = page(client, "tea-time/")
    (earns,) = re.findall(r'href="(/marketing/results/[^"]+)">What it earns', html)
    assert (earns, client.get(earns).status_code) == ("/marketing/results/journey/tea-time/", 200)
    assert re.search(r"task given <b>1</b>", html)
    way = Enrolment.objects.get()
    assert "Mei" in page(client, "tea-time/people/?state=done")
    story = page(client, f"people/{way.pk}/")
    assert "came in (put something into the cart, A)" in story
    assert "Ring up" in page(client, "tasks/")
    press(client, f"tasks/{JourneyTask.objects.get().pk}/done/")
    assert "Ring up" not in page(client, "tasks/")

    press(client, "tea-time/move/", seen=seen(), step="condition1", what="remove")
    assert "The flow shown here is the draft; another one runs." in page(client, "tea-time/")
    press(client, "tea-time/undo/", seen=seen())
    assert get_journey(code="tea-time").draft == row.draft
    walk = page(client, "tea-time/walk/?customer=mei")
    assert "came in (put something into the cart" in walk
    assert "task given" in walk
    assert "Nobody is known by that." in page(client, "tea-time/walk/?customer=nobody")
    press(client, "tea-time/switch/", what="pause")
    press(client, "tea-time/switch/", what="resume")
    press(client, "tea-time/switch/", what="off")
    assert get_journey(code="tea-time").state == "off"


def test_the_rule_of_a_condition_is_built_as_rules_of_segments_are() -> None:
    client = marketer()
    for code, kind in (("tea-club", "list"), ("idle", "list")):
        segmenting.create_segment(
            segment=NewSegment(code=code, name=code.title(), kind=kind, rules={}), decided_by="ann", moment=NIGHT
        )
    tag: dict[str, Any] = {"kind": "tag", "add": ["x"], "next": None}
    asked: dict[str, Any] = {"kind": "condition", "test": "rule", "yes": "tag", "no": None}
    run_journey(code="tea", given=document(facts=["carted"], steps={"tag": tag}))
    editing.save(
        code="tea", seen_number=None, decided_by="ann", moment=NIGHT,
        document=document(facts=["carted"], steps={"ask": asked, "tag": tag}),
    )  # fmt: skip
    html = page(client, "tea/?step=ask")
    assert 'name="k.0-0"' in html
    assert "journeys/tea/rule/" in html
    form = {"seen": "2", "step": "ask", "test": "rule", "node": ["g:0", "c:0-0"], "m.0": "any", "k.0-0": "segment",
            "was.0-0": "segment", "f.0-0.values": "tea-club"}  # fmt: skip
    # A button of the builder changes the form and saves nothing, with a script and without.
    assert 'value="c:0-1"' in press(client, "tea/rule/", **form, do="condition:0")
    only = client.post(f"{BASE}/tea/rule/", {**form, "do": "condition:0"}, headers={"hx-request": "true"})
    assert ('value="c:0-1"' in only.content.decode(), "<html" in only.content.decode()) == (True, False)
    assert client.post(f"{BASE}/tea/rule/", {**form, "step": "tag"}).status_code == 404
    assert get_journey(code="tea").draft["steps"]["ask"] == asked
    html = press(client, "tea/step/", **form)
    rules = {"match": "any", "not": False, "rules": [{"kind": "segment", "not": False, "values": ["tea-club"]}]}
    assert get_journey(code="tea").draft["steps"]["ask"] == {**asked, "rules": rules}
    assert "tea-club?" in html
    press(client, "tea/switch/", what="on")
    assert get_journey(code="tea").state == "live"

    # What it names is in use, also while only who is still on an old version asks for it.
    happen(make_reader(), "carted", subject="A", at=current_moment())
    assert [(one.kind, one.code) for one in segmenting.list_uses(code="tea-club")] == [("journey", "tea")]
    with pytest.raises(SegmentInUse, match="journey tea"):
        segmenting.delete_segment(code="tea-club", decided_by="ann")
    wait: dict[str, Any] = {"kind": "wait", "days": 3, "next": "ask"}
    run_journey(
        code="tea", given=document(facts=["carted"], steps={"day": wait, "ask": {**asked, "rules": rules}, "tag": tag})
    )
    happen(make_reader(key="yun"), "carted", subject="A", at=current_moment())
    run_journey(code="tea", given=document(facts=["carted"], steps={"tag": tag}))
    assert [one.code for one in segmenting.list_uses(code="tea-club")] == ["tea"]
    press(client, "tea/switch/", what="off")
    segmenting.delete_segment(code="tea-club", decided_by="ann")
    assert segmenting.list_uses(code="idle") == []
    # What no form could have written is said to be so, and can be built anew.
    broken = {**asked, "rules": {"rules": [{"kind": "no such", "values": [{}]}]}}
    editing.save(
        code="tea", seen_number=None, decided_by="ann", moment=NIGHT,
        document=document(facts=["carted"], steps={"ask": broken, "tag": tag}),
    )  # fmt: skip
    html = page(client, "tea/?step=ask")
    assert ("field-error" in html, 'name="k.0-0"' in html) == (True, True)


def test_journeys_by_the_api() -> None:
    caller = Caller(make_secret(scopes=["marketing:read", "marketing:write"]))
    broken = {"trigger": {"facts": ["tier_changed"]}, "start": "a", "steps": {"a": {"kind": "wait", "next": None}}}
    made = caller.put("/journeys/tiers", {"name": "Tiers", "definition": broken})
    assert (made.status, made.body["state"], [one["code"] for one in made.body["faults"]]) == (
        200,
        "draft",
        ["no_wait"],
    )
    assert made.body["faults"][0]["message"] == "It waits for no time at all: say how long."
    refused = caller.post("/journeys/tiers/switch", {"to": "live"})
    assert (refused.status, refused.code) == (422, "marketing.journey_broken")
    broken["steps"]["a"]["days"] = 3  # type: ignore[index]
    assert caller.put("/journeys/tiers", {"definition": broken}).body["faults"] == []
    assert caller.post("/journeys/tiers/switch", {"to": "live"}).body["version"] == 1
    assert caller.put("/journeys/tiers", {"definition": {"a\x00": 1}}).status == 422
    assert caller.get("/journeys/gone").status == 404

    mei = make_reader()
    fact = {"kind": "tier_changed", "customer_id": mei.pk, "subject": "Gold", "happened_at": "2026-11-27T10:00:00+08:00",
            "key": "tier-1"}  # fmt: skip
    assert caller.post("/journey-facts", {"facts": [fact, fact]}).body == {"noted": 1}
    take_facts_and_step(moment=current_moment())
    assert caller.post("/journey-facts", {"facts": [fact]}).body == {"noted": 1}
    take_facts_and_step(moment=current_moment())
    people = caller.get("/journeys/tiers/people", state="inside").body["items"]
    assert [(one["customer_key"], one["step"], one["version"]) for one in people] == [("mei", "a", 1)]
    events = caller.get(f"/journey-ways/{people[0]['id']}").body["events"]
    assert [one["code"] for one in events] == ["entered", "waiting"]
    assert caller.post("/journey-facts", {"facts": [{**fact, "customer_id": 10**9}]}).status == 404
    assert [one["code"] for one in caller.get("/journeys").body["items"]] == ["tiers"]
    assert caller.post("/journeys/tiers/switch", {"to": "off"}).body["state"] == "off"


def test_what_a_journey_names_is_shown_to_who_may_see_it() -> None:
    make_product()
    run_journey(
        code="tea",
        given=document(facts=["carted"], steps={"tag": {"kind": "tag", "add": ["x"], "next": None}}),
        moment=NIGHT,
    )
    client = Client()
    sign_in(client, role="warehouse")
    assert client.get(f"{BASE}/tea/").status_code == 403
