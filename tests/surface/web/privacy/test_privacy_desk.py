"""The desk of people's rights, and the rules of consent in setup, as owners use them."""

import dataclasses
import json
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from reorder.domain.customers.models import Customer
from reorder.domain.customers.privacy import list_requests
from reorder.domain.messaging import queries
from reorder.domain.messaging.compliance import find_text, get_policy
from reorder.domain.messaging.models import ConsentEntry, TopicEntry
from reorder.domain.messaging.preferences import list_topics
from reorder.domain.messaging.suppressing import suppress_addresses
from reorder.domain.orders.models import Order
from reorder.flows import mail_domain
from reorder.flows.mail_domain import DomainCheck, Finding
from tests.factories.catalog import make_product
from tests.factories.messaging import MORNING, NIGHT, buy, make_reader
from tests.factories.staff import sign_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def at_home(settings: LazySettings, tmp_path: Path) -> None:
    settings.REORDER = dataclasses.replace(settings.REORDER, shop_name="Keelung Tea")
    settings.HOME = tmp_path


def test_a_person_is_found_shown_handed_out_and_erased(client: Client) -> None:
    sign_in(client, role="owner")
    mei = make_reader(name="Mei Lin")
    buy(customer=mei, product=make_product(), ordered_at=NIGHT, number="T-1")
    home, page = "/customers/privacy/", f"/customers/privacy/{mei.pk}/"
    for words in ("Mei", "mei@example.org"):
        assert page in client.get(home, {"q": words}).content.decode()

    client.post(page + "request", {"kind": "erase", "how_known": "called, knows the last order"})
    assert client.post(page + "request", {"kind": "nonsense"}).status_code == 422
    [waiting] = list_requests(is_open=True)
    assert (waiting.kind, waiting.name) == ("erase", "Mei Lin")
    assert "called, knows the last order" in client.get(home).content.decode()
    assert client.post(f"{home}requests/{waiting.id}/refuse", {"answer": " "}).status_code == 422

    handed = client.post(page + "export", {"form": "json"})
    facts = json.loads(handed.content)
    assert (handed["Content-Type"], facts["tables"]["customers_customer"][0]["name"]) == ("application/json", "Mei Lin")
    paper = client.post(page + "export", {"form": "pdf"})
    assert paper.content.startswith(b"%PDF")

    # Nothing by a slip: the word must be typed, and orders must be finished.
    assert client.post(page + "erase", {"sure": "yes"}).status_code == 422
    Order.objects.update(fulfilment="reorder", state="picked")
    refused = client.post(page + "erase", {"sure": "ERASE"})
    assert (refused.status_code, "T-1" in refused.content.decode()) == (409, True)
    assert Customer.objects.get(pk=mei.pk).name == "Mei Lin"
    Order.objects.update(state="delivered")
    assert client.post(page + "erase", {"sure": "erase", "how_known": "called"}).status_code == 302
    assert Customer.objects.get(pk=mei.pk).name == ""
    assert list_requests(is_open=True) == []
    after = client.get(home, {"q": "Mei"}).content.decode()
    assert "Mei Lin" not in after
    assert f"erased, no. {mei.pk}" in after
    assert "names nobody" in client.get(page).content.decode()
    assert client.post(page + "erase", {"sure": "ERASE"}).status_code == 409


def test_consents_come_by_file_with_their_proof(client: Client) -> None:
    sign_in(client, role="owner")
    mei, lin, ann = (make_reader(key=key, name=key.title()) for key in ("mei", "lin", "ann"))
    suppress_addresses(addresses=[("email", "ann@example.org")], cause="complained", suppressed_by="o", moment=MORNING)
    rows = (
        "customer,consent,declared_at,source,proof,topic\n"
        "mei,no,2026-11-20T10:00:00+08:00,call,,\n"
        "lin@example.org,yes,2026-11-20 10:00,stall,form 118,offers\n"
        "ann@example.org,yes,2026-11-20,stall,form 119,\n"
        "lin,yes,2026-11-20,stall,,\n"
        "nobody,yes,2026-11-20,stall,form,\n"
        "lin,yes,2026-31-99,stall,form,\n"
        "lin,perhaps,2026-11-20,stall,form,\n"
        "lin,yes,2026-11-20,stall,form,no-such\n"
    )

    def send() -> str:
        file = SimpleUploadedFile("consents.csv", rows.encode())
        return client.post("/customers/privacy/consents/import", {"file": file}).content.decode()

    page = send()
    assert "2 declarations are recorded." in page
    for reason in (
        "the address was erased or complained after that", "a consent needs its proof", "there is no such customer",
        "it is no moment", "say yes or no", "there is no such topic",
    ):  # fmt: skip
        assert reason in page
    assert queries.has_marketing_consent(customer_id=mei.pk) is False
    assert (TopicEntry.objects.get().customer_id, TopicEntry.objects.get().proof) == (lin.pk, "form 118")
    assert "0 declarations are recorded." in send()
    assert ConsentEntry.objects.filter(customer=ann).count() == 1
    wrong = SimpleUploadedFile("consents.exe", b"tea")
    assert client.post("/customers/privacy/consents/import", {"file": wrong}).status_code == 422


def test_rules_topics_and_words_are_laid_down(client: Client) -> None:
    sign_in(client, role="owner")
    page = client.get("/setup/compliance/").content.decode()
    # The form for other pages is text to copy, not a form of this page.
    assert "&lt;form method=" in page
    assert page.count('name="website"') == 0
    form = {
        "postal_address": "1 Tea Street, Keelung", "minimum_age": "16", "adult_years": "18", "adult_categories": "wine",
        "quiet_hours": "* 9-20\nde 8–19", "kept_bodies": "300", "kept_sign_ups": "30", "sensitive_needs_consent": "on",
    }  # fmt: skip
    assert client.post("/setup/compliance/save", form).status_code == 302
    policy = get_policy()
    assert (policy.has_double_opt_in, policy.minimum_age, policy.adult_categories) == (False, 16, ("wine",))
    assert (policy.waking_hours(country="DE"), policy.waking_hours(country="TW")) == ((8, 19), (9, 20))
    for wrong in ("TW", "TW 21-8", "Taiwan 8-20"):
        assert client.post("/setup/compliance/save", form | {"quiet_hours": wrong}).status_code == 422
    words = {"signup-en": "I want tea news.", "signup-zh-hant": "我想收到茶訊。"}
    client.post("/setup/compliance/texts", words)
    client.post("/setup/compliance/texts", words)
    text = find_text(kind="signup", language="zh-hant")
    assert text is not None
    assert (text.text, text.version.endswith(".1")) == ("我想收到茶訊。", True)

    topic = {
        "code": "wine", "name": "Wine", "category_codes": "wine", "needs_explicit": "on", "position": "0",
        "is_active": "on",
    }  # fmt: skip
    assert client.post("/setup/compliance/topics/save", topic).status_code == 302
    assert [one.code for one in list_topics()] == ["wine", "reminders", "tips", "news", "offers"]
    assert client.post("/setup/compliance/topics/save", topic | {"code": "No Good"}).status_code == 422
    assert client.get("/setup/compliance/topics/wine/").status_code == 200
    assert client.get("/setup/compliance/topics/none/").status_code == 404


def test_the_mail_domain_is_asked_on_demand(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(client, role="owner")
    assert client.get("/setup/mail-domain/").status_code == 200
    found = Finding(
        kind="spf", state="now", record="tea.example", said="There are {count} SPF records; receivers then heed none.",
        parameters={"count": 2}, advice="Keep one record and put all of it there.", value="v=spf1 mx ~all",
    )  # fmt: skip
    monkeypatch.setattr(mail_domain, "check_mail_domain", lambda: DomainCheck(domain="tea.example", findings=[found]))
    page = client.post("/setup/mail-domain/check").content.decode()
    assert "There are 2 SPF records" in page
    assert "v=spf1 mx ~all" in page
    client.post("/setup/mail-domain/selectors", {"selectors": "tea, s1"})
    assert get_policy().dkim_selectors == ("tea", "s1")
