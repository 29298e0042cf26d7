"""Merging on screen: find the other record, look at both, confirm; the old address leads to the kept one."""

import pytest
from django.test import Client

from reorder.domain.customers.models import Customer
from reorder.domain.messaging import operations
from reorder.domain.staff.models import AuditEntry
from tests.factories.catalog import make_product
from tests.factories.customers import NOW
from tests.factories.messaging import NIGHT, buy, declare, give_address, letter, make_customer, make_reader
from tests.factories.pages import text_of
from tests.factories.staff import sign_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REORDER_CLOCK", NOW)


def test_records_with_the_same_name_or_address_are_offered_and_any_other_is_found_by_search(client: Client) -> None:
    mei = make_reader(key="C-1", name="王美玲")
    same_name = make_customer(key="C-2", name="王美玲")
    same_address = make_customer(key="C-3", name="Mei Wang")
    give_address(customer=same_address, address="c-1@Example.org")
    make_customer(key="C-4", name="Ann")
    sign_in(client, role="support")
    offered = client.get(f"/customers/{mei.pk}/merge").context["rows"]
    assert [(row["id"], row["shares_address"]) for row in offered] == [(same_address.pk, True), (same_name.pk, False)]
    found = client.get(f"/customers/{mei.pk}/merge", {"q": "ann"}).context["rows"]
    assert [row["key"] for row in found] == ["C-4", "C-3"]
    assert "Nobody else is found." in text_of(client.get(f"/customers/{same_name.pk}/merge", {"q": "zzz\x00"}))


def test_both_records_and_the_consequences_stand_before_the_button(client: Client) -> None:
    mei, old, oolong = make_reader(key="C-1", name="Mei"), make_customer(key="C-2", name="Mei W"), make_product()
    declare(customer=old, is_granted=False)
    buy(customer=old, product=oolong, ordered_at=NIGHT, number="N-1")
    operations.plan_messages(drafts=[letter(customer=old)])
    sign_in(client, role="support")
    page = text_of(client.get(f"/customers/{mei.pk}/merge/{old.pk}"))
    assert "1 order moves to Mei, with addresses, notes, messages and events." in page
    assert "No marketing goes out: a refusal in one record holds for both." in page
    assert "Whatever comes later under C-2, from files or the API, goes to Mei." in page
    assert "This cannot be undone." in page
    assert Customer.objects.filter(merged_into__isnull=False).count() == 0

    answer = client.post(f"/customers/{mei.pk}/merge/{old.pk}/confirm", follow=True)

    assert answer.redirect_chain == [(f"/customers/{mei.pk}/", 302)]
    told = text_of(answer)
    assert "The records are merged. 1 order moved here. 1 waiting message was withdrawn." in told
    assert "also C-2" in told
    assert AuditEntry.objects.get(action="customers.merge").subject_key == str(mei.pk)
    old_page = client.get(f"/customers/{old.pk}/", follow=True)
    assert old_page.redirect_chain == [(f"/customers/{mei.pk}/", 302)]
    assert "C-2 was merged into this customer." in text_of(old_page)


def test_a_second_click_and_a_merge_by_a_colleague_lead_to_who_was_kept(client: Client) -> None:
    mei, old = make_customer(key="C-1"), make_customer(key="C-2")
    sign_in(client)
    for _ in range(2):
        answer = client.post(f"/customers/{mei.pk}/merge/{old.pk}/confirm", follow=True)
        assert answer.redirect_chain[-1] == (f"/customers/{mei.pk}/", 302)
    assert AuditEntry.objects.filter(action="customers.merge").count() == 1
    assert client.get(f"/customers/{old.pk}/merge").status_code == 302


@pytest.mark.parametrize("other", ["self", "nobody", "erased"])
def test_what_cannot_be_merged_is_said_and_changes_nothing(client: Client, other: str) -> None:
    mei, erased = make_customer(key="C-1"), make_customer(key="C-2")
    Customer.objects.filter(pk=erased.pk).update(erased_at=NIGHT)
    number = {"self": mei.pk, "nobody": 10**30, "erased": erased.pk}[other]
    status = {"self": 422, "nobody": 404, "erased": 409}[other]
    sign_in(client)
    assert client.get(f"/customers/{mei.pk}/merge/{number}").status_code == status
    assert client.post(f"/customers/{mei.pk}/merge/{number}/confirm").status_code == status
    assert not Customer.objects.filter(merged_into__isnull=False).exists()


@pytest.mark.parametrize(("role", "status"), [("owner", 200), ("support", 200), ("marketer", 403), ("viewer", 403)])
def test_only_owners_and_support_merge(client: Client, role: str, status: int) -> None:
    mei = make_customer(key="C-1")
    sign_in(client, role=role)
    assert client.get(f"/customers/{mei.pk}/merge").status_code == status
    assert ("Merge with…" in text_of(client.get(f"/customers/{mei.pk}/"))) is (status == 200)
