"""Segments on the desk: rules built button by button, counted while one builds, saved, and lists filled by a file."""

import datetime as dt
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from reorder.domain.customers import profile
from reorder.domain.marketing import segments
from reorder.domain.marketing.models import ListImport, Segment
from reorder.flows import segmenting
from reorder.kernel import clock
from tests.factories.catalog import make_product
from tests.factories.messaging import buy, give_address, make_customer
from tests.factories.staff import sign_in

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 27, 2, 0, tzinfo=dt.UTC)
BASE = "/marketing/segments"


def as_role(role: str) -> Client:
    client = Client()
    sign_in(client, role=role)
    return client


def page(client: Client, path: str) -> str:
    answer = client.get(f"{BASE}/{path}")
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def fields_of(html: str) -> dict[str, list[str]]:
    """What a browser would send of the form on a page."""
    form = html.rsplit('id="segment-form"', maxsplit=1)[-1]
    given: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        said = dict(re.findall(r'([a-z-]+)="([^"]*)"', tag))
        is_box = said.get("type") in {"checkbox", "radio"}
        if said.get("name") and (not is_box or " checked" in tag):
            given.setdefault(said["name"], []).append(said.get("value", ""))
    for name, options in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.findall(r'<option value="([^"]*)" selected', options)
        given[name] = chosen or re.findall(r'<option value="([^"]*)"', options)[:1]
    return given


def test_rules_are_built_by_buttons_counted_and_saved() -> None:
    mei, ann, oolong = make_customer(key="mei", name="Mei"), make_customer(key="ann"), make_product()
    buy(customer=mei, product=oolong, ordered_at=NOW, number="1")
    profile.add_tags(customer_ids=[mei.pk, ann.pk], tags=["vip"], decided_by="owner", moment=NOW)
    client = as_role("marketer")

    # A group within, then its condition is made one about tags: the fields change with it.
    form = fields_of(page(client, "new"))
    html = client.post(f"{BASE}/build", {**form, "do": "group:0"}).content.decode()
    form = fields_of(html)
    assert form["node"] == ["g:0", "c:0-0", "g:0-1", "c:0-1-0"]
    form["k.0-1-0"] = ["tag"]
    form = fields_of(client.post(f"{BASE}/build", {**form, "do": "show:0"}).content.decode())
    assert form["f.0-1-0.values"] == [""]
    form["f.0-1-0.values"] = ["vip, gone"]
    part = client.post(f"{BASE}/build", {**form, "do": "up:0-1"}, headers={"hx-request": "true"})
    assert part["HX-Trigger-After-Swap"] == "rules-changed"
    form = {**form, **fields_of('id="segment-form"' + part.content.decode())}
    assert (form["k.0-0-0"], form["k.0-1"]) == (["tag"], ["orders_count"])

    found = client.post(f"{BASE}/preview", form).content.decode()
    assert "1 customer now" in found
    assert "Mei" in found
    assert "Tag: vip" in " ".join(found.split())

    form |= {"name": ["Tea friends"], "member_tag": ["Friend"]}
    saved = client.post(f"{BASE}/save", form)
    assert saved.url == f"{BASE}/tea-friends/"
    segmenting.count_when_due(moment=clock.current_moment())
    html = page(client, "tea-friends/")
    assert "Number of orders · at least 1" in html
    assert "1 member" in html
    assert [row.tag for row in profile.list_tags(customer_id=mei.pk)] == ["friend", "vip"]

    # A fault stands beside its condition and nothing is saved; then it is taken out by its button.
    form = fields_of(page(client, "tea-friends/edit"))
    form["k.0-1"] = ["segment"]
    form = fields_of(client.post(f"{BASE}/build", {**form, "do": "show:0"}).content.decode())
    refused = client.post(f"{BASE}/save", form)
    assert refused.status_code == 422
    assert "Rule 2: fill in Any of." in refused.content.decode()
    form = fields_of(client.post(f"{BASE}/build", {**form, "do": "remove:0-1"}).content.decode())
    assert client.post(f"{BASE}/save", form).status_code == 302
    assert Segment.objects.get().rules["rules"] == [
        {"match": "all", "not": False, "rules": [{"kind": "tag", "not": False, "values": ["vip", "gone"]}]}
    ]
    assert "Tea friends" in page(client, "")
    assert client.get(f"{BASE}/tea-friends/export").getvalue().decode().count("\r\n") == 2
    assert client.post(f"{BASE}/tea-friends/delete").url == f"{BASE}/"
    assert not Segment.objects.exists()


def test_a_list_is_filled_by_hand_and_by_a_file_and_ready_made_ones_come_by_ticks(settings, tmp_path) -> None:
    settings.HOME = tmp_path
    mei, ann = make_customer(key="mei"), make_customer(key="ann")
    give_address(customer=ann, address="ann@example.org")
    client = as_role("marketer")
    form = fields_of(page(client, "new?kind=list")) | {"name": ["賞花會"], "code": ["flower-club"]}
    assert client.post(f"{BASE}/save", form).url == f"{BASE}/flower-club/"

    html = client.post(f"{BASE}/flower-club/people", {"people": "mei, nobody", "do": "add"}, follow=True)
    assert "1 customer joined the list." in html.content.decode()
    assert "nobody" in html.content.decode()
    file = SimpleUploadedFile("people.csv", b"email,note\nANN@example.org,x\ngone@example.org,y\n\n")
    went = client.post(f"{BASE}/flower-club/upload", {"mode": "replace", "file": file})
    given = ListImport.objects.get()
    assert went.url == f"{BASE}/flower-club/imports/{given.pk}"
    segmenting.run_list_import(import_id=given.pk, moment=NOW)

    html = page(client, f"flower-club/imports/{given.pk}")
    assert "2 rows: 1 joined, 1 left, 0 changed nothing, 1 named nobody." in html
    assert segments.list_member_ids(code="flower-club") == [ann.pk]
    rejected = client.get(f"{BASE}/flower-club/imports/{given.pk}/rejected").getvalue().decode("utf-8-sig")
    assert rejected.splitlines()[1:] == ["3,gone@example.org,no customer has this id or address"]
    assert not any(tmp_path.glob("uploads/*"))
    broken = SimpleUploadedFile("broken.csv", b"\x00\x01\x02")
    refused = client.post(f"{BASE}/flower-club/upload", {"mode": "add", "file": broken})
    assert (refused.status_code, ListImport.objects.count()) == (422, 1)

    assert "Price-sensitive" in page(client, "ready")
    client.post(f"{BASE}/ready/add", {"code": ["price-sensitive", "vip-at-risk", "no-such"]})
    assert {one.code for one in segments.list_segments()} == {"flower-club", "price-sensitive", "vip-at-risk"}
    assert mei.pk not in segments.list_member_ids(code="flower-club")
    # Somebody who only looks sees no button, and is refused behind it.
    viewer = as_role("viewer")
    assert "New segment" not in page(viewer, "")
    assert viewer.post(f"{BASE}/flower-club/delete").status_code == 403
