"""Segments by rules, lists and tags through the API: made, filled, shown, refused with the place of the fault, removed."""

import pytest

from reorder.domain.marketing.segments import list_member_ids
from reorder.flows import segmenting
from reorder.kernel import clock
from tests.factories.api import Caller, make_secret
from tests.factories.messaging import give_address, make_customer

pytestmark = pytest.mark.django_db


def test_a_program_makes_segments_fills_lists_and_tags_people() -> None:
    mei, ann = make_customer(key="mei"), make_customer(key="ann")
    give_address(customer=ann, address="ann@example.org")
    caller = Caller(secret=make_secret(scopes=["marketing:write", "customers:write"]))

    tagged = caller.post("/customer-tags", {"customers": ["mei", "nobody"], "add": ["VIP"]})
    assert (tagged.status, tagged.body) == (200, {"changed": 1, "unknown": ["nobody"]})
    rules = {"match": "all", "rules": [{"kind": "tag", "values": ["vip"]}]}
    tried = caller.post("/marketing/segment-previews", {"rules": rules})
    assert tried.body == {"count": 1, "is_exact": True, "sample": ["mei"]}

    made = caller.post("/marketing/segments", {"code": "vips", "name": "VIPs", "rules": rules})
    assert (made.status, made.body["code"], made.body["counted_at"]) == (201, "vips", None)
    segmenting.count_when_due(moment=clock.current_moment())
    members = caller.get("/marketing/segments/vips/members").body
    assert [one["customer_key"] for one in members["items"]] == ["mei"]
    assert members["next_cursor"] is None

    caller.post("/marketing/segments", {"code": "flower-club", "name": "Flower club", "kind": "list"})
    filled = caller.post("/marketing/segments/flower-club/members", {"add": ["mei", "ANN@example.org", "gone"]})
    assert filled.body == {"joined": 2, "left": 0, "unknown": ["gone"], "members_count": 2}
    first = caller.get("/marketing/segments/flower-club/members", limit=1).body
    second = caller.get("/marketing/segments/flower-club/members", limit=1, cursor=first["next_cursor"]).body
    assert [one["customer_key"] for one in first["items"] + second["items"]] == ["mei", "ann"]
    emptied = caller.post("/marketing/segments/flower-club/members", {"remove": ["mei"], "add": ["ann"]})
    assert (emptied.body["joined"], emptied.body["left"], emptied.body["members_count"]) == (0, 1, 1)

    told = caller.put(f"/customers/{ann.pk}/profile", {"tags": ["tea club"], "attributes": {"Taste": "roasted"}})
    assert told.body == {
        "customer_id": ann.pk,
        "tags": ["tea club"],
        "attributes": {"taste": "roasted"},
        "segments": ["flower-club"],
    }
    assert [one["code"] for one in caller.get("/marketing/segments").body["items"]] == ["flower-club", "vips"]
    assert list_member_ids(code="flower-club") == [ann.pk]
    assert mei.pk in list_member_ids(code="vips")


def test_what_cannot_be_is_refused_with_its_place() -> None:
    caller = Caller(secret=make_secret(scopes=["marketing:write", "customers:write"]))
    caller.post("/marketing/segments", {"code": "a", "name": "A", "rules": {"rules": [{"kind": "everybody"}]}})
    caller.post(
        "/marketing/segments",
        {"code": "b", "name": "B", "rules": {"rules": [{"kind": "segment", "values": ["a"]}]}},
    )

    def refused(rules: object) -> tuple[int, str, str]:
        answer = caller.put("/marketing/segments/a", {"name": "A", "rules": rules})
        return answer.status, answer.code, answer.body["detail"]

    deep: dict[str, object] = {"rules": [{"kind": "everybody"}]}
    for _ in range(7):
        deep = {"rules": [deep]}
    assert refused({"rules": [{"kind": "segment", "values": ["b"]}]}) == (
        422,
        "segments.loop",
        "This segment would ask itself who belongs to it: a → b → a. Take one of these conditions out.",
    )
    assert refused(deep)[1:] == (
        "segments.rules_too_deep",
        "Group 1.1.1.1.1.1 stands deeper than 6 groups within each other.",
    )
    assert refused({"rules": [{"match": "any", "rules": [{"kind": "moon"}]}]})[2].startswith(
        "Rule 1.1: there is no condition 'moon'. Known are: everybody, language"
    )
    assert refused({"rules": [{"kind": "did", "what": "viewed", "days": 99999}]})[2] == (
        "Rule 1: days lies between 1 and 3650, not 99999."
    )
    assert refused({"rules": [{"kind": "age", "least": 30, "most": 20}]})[1] == "segments.rule_field_wrong"
    assert refused({"rules": [{"kind": "tag", "colour": "red", "values": ["x"]}]})[2] == (
        "Rule 1: tag has no 'colour'. It has: values."
    )
    assert refused({"rules": [{"kind": "everybody"}] * 61})[1] == "segments.too_many_rules"
    assert refused({"rules": []})[1] == "segments.rules_empty"
    assert refused({"match": "some", "rules": [{"kind": "everybody"}]})[1] == "segments.rules_not_understood"
    used = caller.send("DELETE", "/marketing/segments/a")
    assert (used.status, used.code, used.body["detail"]) == (
        409,
        "segments.in_use",
        "A is used by segment B. Take it out there first.",
    )
    assert caller.send("DELETE", "/marketing/segments/b").status == 200
    assert caller.get("/marketing/segments/b").status == 404
