"""The desk Setup: what people see and change there."""

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from reorder.config.environment import read_environment
from reorder.domain.inventory.queries import find_place, list_every_place
from reorder.domain.purchasing.models import Proposal
from reorder.domain.purchasing.queries import get_supplier, list_suppliers
from reorder.domain.staff import operations
from reorder.domain.staff.bearers import find_token_actor
from reorder.domain.staff.queries import get_user, list_audit, list_tokens, list_users
from reorder.domain.staff.rules import SCOPE_ABILITIES, Role
from reorder.flows import restock
from reorder.kernel import clock
from reorder.web.setup.words import ACTION_TEMPLATES, ROLE_WORDS, SCOPE_WORDS
from tests.factories.catalog import make_product
from tests.factories.inventory import make_place
from tests.factories.pages import said
from tests.factories.purchasing import MONDAY_MORNING, make_offer, make_supplier, propose
from tests.factories.staff import make_person, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(client: Client) -> Client:
    sign_in(client, role="owner", name="Mei")
    return client


def seen_on(client: Client, address: str) -> str:
    found = re.search(r'name="seen" value="(\w+)"', client.get(address).content.decode())
    assert found
    return found[1]


def queries_of(client: Client, address: str) -> int:
    client.get(address)  # what is read once a process is read now
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


# --- cards


def test_each_role_sees_the_cards_that_it_may_open(client: Client) -> None:
    sign_in(client, role="buyer")
    cards = re.findall(r'<h2><a href="([^"]+)"', client.get("/setup/").content.decode())
    assert cards == ["/setup/suppliers/", "/setup/rates/", "/setup/categories/", "/setup/freshness/"]
    sign_in(client, role="owner")
    cards = re.findall(r'<h2><a href="([^"]+)"', client.get("/setup/").content.decode())
    assert len(cards) == 24


def test_roles_and_scopes_are_all_explained() -> None:
    assert set(ROLE_WORDS) == set(Role)
    assert set(SCOPE_WORDS) == set(SCOPE_ABILITIES)


def test_every_action_of_the_trail_has_words() -> None:
    sources = [file.read_text() for file in (Path(__file__).resolve().parents[4] / "src/reorder").rglob("*.py")]
    named = {name for text in sources for name in re.findall(r"""action="([a-z_]+\.[a-z_]+)\"""", text)}
    assert named - set(ACTION_TEMPLATES) == set(), "these need a line in ACTION_TEMPLATES of reorder/web/setup/words.py"


# --- places


def test_a_place_is_added_renamed_closed_and_opened_again(owner: Client) -> None:
    given = {"code": "TAIPEI", "name": "Taipei store", "kind": "store", "country": "tw"}
    assert owner.post("/setup/places/create", given).headers["Location"] == "/setup/places/"
    place = find_place(code="TAIPEI")
    assert place is not None
    assert (place.kind, place.country) == ("store", "TW")

    page = f"/setup/places/{place.id}/"
    owner.post(f"{page}change", {"name": "Taipei 101", "country": "TW", "seen": seen_on(owner, page)})
    owner.post(f"{page}close")
    assert [(row.name, row.is_active) for row in list_every_place()] == [("Taipei 101", False)]
    owner.post(f"{page}reopen")
    assert [row.is_active for row in list_every_place()] == [True]
    assert [entry.actor for entry in list_audit(subject_kind="place")] == ["Mei"] * 4


def test_a_place_that_is_taken_is_said_above_the_form(owner: Client) -> None:
    make_place()
    given = {"code": "KEELUNG", "name": "Other", "kind": "store", "country": ""}
    answer = owner.post("/setup/places/create", given)
    assert answer.status_code == 422
    assert "the code is taken" in said(answer)


def test_closing_a_place_names_what_it_means_and_turns_proposals_down(owner: Client) -> None:
    place = make_place()
    make_supplier()
    make_product()
    make_offer()
    propose(("OOLONG-150", 12))
    make_person(role="warehouse", name="Wu", places=["KEELUNG"])
    page = said(owner.get(f"/setup/places/{place.id}/"))
    assert "1 open proposal is turned down." in page
    assert "These work at this place and keep the right to: Wu." in page
    owner.post(f"/setup/places/{place.id}/close")
    assert set(Proposal.objects.values_list("state", "decided_by")) == {("dismissed", "Mei")}


def test_a_place_that_awaits_goods_is_not_closed(owner: Client, settings: LazySettings, tmp_path: Path) -> None:
    settings.HOME = tmp_path
    place = make_place()
    make_supplier()
    make_product()
    make_offer()
    restock.approve(proposal_ids=propose(("OOLONG-150", 12)), decided_by="Mei", moment=MONDAY_MORNING)
    answer = owner.post(f"/setup/places/{place.id}/close")
    assert answer.status_code == 409
    assert "still to come to Keelung warehouse: 1." in said(answer)
    assert list_every_place()[0].is_active


def test_a_page_that_is_out_of_date_says_so_and_shows_the_present(owner: Client) -> None:
    place = make_place()
    page = f"/setup/places/{place.id}/"
    seen = seen_on(owner, page)
    owner.post(f"{page}change", {"name": "Harbour", "country": "TW", "seen": seen})
    answer = owner.post(f"{page}change", {"name": "Port", "country": "TW", "seen": seen})
    assert answer.status_code == 409
    assert "was changed by somebody else meanwhile" in said(answer)
    assert 'value="Harbour"' in answer.content.decode()


# --- suppliers

TERMS = {
    "code": "ALISHAN",
    "name": "Alishan Tea Farm",
    "email": "orders@alishan.example",
    "language": "zh-hant",
    "currency": "twd",
    "minimum_value": "1,500.50",
    "lead_days": "5",
    "order_weekdays": ["1", "4"],
}


def test_a_buyer_adds_a_supplier_and_an_offer_in_whole_currency_units(client: Client) -> None:
    sign_in(client, role="buyer")
    make_product()
    answer = client.post("/setup/suppliers/create", TERMS)
    row = get_supplier(code="ALISHAN")
    assert answer.headers["Location"] == f"/setup/suppliers/{row.id}/"
    assert (row.minimum_value_minor, row.currency, row.order_weekdays) == (150_050, "TWD", (1, 4))

    offer = {"sku": "OOLONG-150", "unit_cost": "200.50", "pack_units": "12", "minimum_units": "24"}
    client.post(f"/setup/suppliers/{row.id}/offers/create", offer)
    page = said(client.get(f"/setup/suppliers/{row.id}/"))
    assert "Oolong 150 g OOLONG-150 NT$200.50 12 24" in page


def test_terms_are_changed_and_stopping_takes_the_supplier_off_the_list(client: Client) -> None:
    sign_in(client, role="buyer")
    client.post("/setup/suppliers/create", TERMS)
    row = get_supplier(code="ALISHAN")
    page = f"/setup/suppliers/{row.id}/"
    changed = TERMS | {"lead_days": "9", "seen": seen_on(client, f"{page}terms")}
    assert client.post(f"{page}change", changed).status_code == 302
    now = get_supplier(code="ALISHAN")
    assert (now.lead_days, now.is_active) == (9, False)
    assert page not in client.get("/setup/suppliers/").content.decode()
    assert page in client.get("/setup/suppliers/?tab=stopped").content.decode()


@pytest.mark.parametrize(
    ("field", "text", "fault"),
    [
        ("minimum_value", "a lot", "is not an amount of TWD: not a number"),
        ("minimum_value", "1.005", "more than 2 decimals"),
        ("minimum_value", "-5", "An amount below zero makes no sense here."),
        ("minimum_value", "9" * 24, "too large"),
        ("minimum_value", "1e30", "too large"),
        ("minimum_value", "nan", "not a finite number"),
        ("lead_days", "366", "less than or equal to 365"),
        ("lead_days", "9" * 40, "less than or equal to 365"),
        ("email", "orders", "valid email"),
        ("currency", "NT$", "three-letter ISO 4217"),
        ("name", "\x00", "Null characters"),
        ("order_weekdays", ["8"], "not one of the available choices"),
    ],
)
def test_what_cannot_be_a_term_is_said_and_nothing_is_saved(client: Client, field: str, text: str, fault: str) -> None:
    sign_in(client, role="buyer")
    answer = client.post("/setup/suppliers/create", TERMS | {field: text})
    assert answer.status_code == 422
    assert fault in said(answer)
    assert list_suppliers() == []


def test_an_offer_is_changed_by_the_page_that_showed_it(client: Client) -> None:
    sign_in(client, role="buyer")
    make_supplier()
    make_product()
    make_offer()
    supplier_id = get_supplier(code="ALISHAN").id
    (address,) = re.findall(
        r'href="(/setup/suppliers/\d+/offers/\d+/)"', client.get(f"/setup/suppliers/{supplier_id}/").content.decode()
    )
    seen = seen_on(client, address)
    given = {"unit_cost": "210", "pack_units": "6", "minimum_units": "6", "is_active": "on", "seen": seen}
    assert client.post(f"{address}change", given).status_code == 302
    assert "NT$210" in said(client.get(f"/setup/suppliers/{supplier_id}/"))
    again = client.post(f"{address}change", given | {"unit_cost": "190"})
    assert again.status_code == 409
    assert "The offer of OOLONG-150 was changed by somebody else meanwhile" in said(again)


def test_a_supplier_list_costs_the_same_for_two_and_for_thirty(owner: Client) -> None:
    def fill(start: int, end: int) -> None:
        for number in range(start, end):
            make_supplier(code=f"S-{number:02}")

    fill(0, 2)
    two = queries_of(owner, "/setup/suppliers/")
    fill(2, 30)
    assert queries_of(owner, "/setup/suppliers/") == two <= 12


def test_an_offer_list_costs_the_same_for_two_and_for_thirty(owner: Client) -> None:
    make_supplier()
    supplier_id = get_supplier(code="ALISHAN").id

    def fill(start: int, end: int) -> None:
        for number in range(start, end):
            make_product(sku=f"TEA-{number:02}")
            make_offer(sku=f"TEA-{number:02}")

    fill(0, 2)
    two = queries_of(owner, f"/setup/suppliers/{supplier_id}/")
    fill(2, 30)
    assert queries_of(owner, f"/setup/suppliers/{supplier_id}/") == two <= 12


# --- users


def test_a_new_user_comes_in_by_the_link_that_is_shown_once(owner: Client) -> None:
    make_place()
    given = {"username": "Lin", "email": "", "role": "warehouse", "places": ["KEELUNG"], "language": "zh-hant"}
    answer = owner.post("/setup/users/create", given)
    assert "no-store" in answer.headers["Cache-Control"]
    found = re.search(r"http://testserver(/sign-in/[\w-]+)", answer.content.decode())
    assert found
    lin = get_user(username="Lin")
    assert (lin.role, lin.place_codes, lin.language) == ("warehouse", ("KEELUNG",), "zh-hant")

    theirs = Client()
    assert theirs.post(found[1]).headers["Location"] == "/"
    assert theirs.get("/setup/").status_code == 403


def test_a_place_that_is_not_there_cannot_be_given(owner: Client) -> None:
    given = {"username": "Lin", "email": "", "role": "viewer", "places": ["MOON"], "language": "en"}
    answer = owner.post("/setup/users/create", given)
    assert answer.status_code == 422
    assert len(list_users()) == 1


def test_the_only_owner_cannot_lock_everybody_out(owner: Client) -> None:
    mei = get_user(username="Mei")
    page = f"/setup/users/{mei.id}/"
    assert "This is the only owner" in said(owner.get(page))
    given = {"email": "", "role": "viewer", "language": "en", "is_active": "on", "seen": seen_on(owner, page)}
    answer = owner.post(f"{page}change", given)
    assert answer.status_code == 409
    assert "Mei is the last active owner" in said(answer)
    assert get_user(username="Mei").role == "owner"


def test_an_account_is_stopped_and_gets_no_link(owner: Client) -> None:
    lin = make_person(role="viewer", name="Lin")
    page = f"/setup/users/{lin.id}/"
    given = {"email": "", "role": "viewer", "language": "en", "seen": seen_on(owner, page)}
    assert owner.post(f"{page}change", given).status_code == 302
    answer = owner.post(f"{page}link")
    assert answer.status_code == 409
    assert "The account Lin is stopped." in said(answer)


# --- tokens


def test_a_token_is_shown_once_and_works_until_it_is_revoked(owner: Client) -> None:
    given = {"name": "Shop system", "scopes": ["orders:write", "stock:read"], "lasts_days": "30"}
    answer = owner.post("/setup/tokens/create", given)
    found = re.search(r'id="secret">(reorder_[\w-]+)<', answer.content.decode())
    assert found
    moment = clock.current_moment()
    known = find_token_actor(secret=found[1], moment=moment)
    assert known is not None
    assert known[1].scopes == ("orders:write", "stock:read")
    assert find_token_actor(secret=found[1], moment=moment + dt.timedelta(days=31)) is None
    assert found[1] not in owner.get("/setup/tokens/").content.decode()

    (row,) = list_tokens()
    owner.post(f"/setup/tokens/{row.id}/revoke")
    assert find_token_actor(secret=found[1], moment=moment) is None
    assert "revoked" in said(owner.get("/setup/tokens/"))


@pytest.mark.parametrize("wrong", [{"scopes": []}, {"scopes": ["orders:eat"]}, {"name": " "}, {"lasts_days": "7"}])
def test_a_token_without_sense_is_refused(owner: Client, wrong: dict[str, object]) -> None:
    given = {"name": "Shop", "scopes": ["orders:read"], "lasts_days": "30"} | wrong
    assert owner.post("/setup/tokens/create", given).status_code == 422
    assert list_tokens() == []


# --- mail and settings

Environment = Callable[..., None]


@pytest.fixture
def environment(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> Environment:
    def change(**variables: str) -> None:
        for name, text in variables.items():
            monkeypatch.setenv(name, text)
        settings.REORDER = read_environment(source=variables)

    return change


def test_passwords_of_settings_are_never_shown(owner: Client, environment: Environment) -> None:
    environment(
        REORDER_MAIL_URL="smtp+starttls://shop:pass%40word@mail.example:587",
        REORDER_DATABASE_URL="postgresql://reorder:under-the-mat@db.example/shop",
        REORDER_SECRET_KEY="key-of-the-shop",
    )
    page = owner.get("/setup/settings/").content.decode() + owner.get("/setup/mail/").content.decode()
    assert "smtp+starttls://shop:***@mail.example:587" in page
    assert "postgresql://reorder:***@db.example/shop" in page
    for secret in ("pass%40word", "pass@word", "under-the-mat", "key-of-the-shop"):
        assert secret not in page


def test_settings_say_where_they_come_from(owner: Client, environment: Environment) -> None:
    environment(REORDER_SHOP_NAME="Oolong House")
    page = said(owner.get("/setup/settings/"))
    assert "REORDER_SHOP_NAME Oolong House environment" in page
    assert "REORDER_CURRENCY TWD default" in page


def test_the_connection_is_checked_and_a_trial_reaches_oneself_alone(
    owner: Client, settings: LazySettings, tmp_path: Path
) -> None:
    settings.HOME = tmp_path
    assert "It works:" in said(owner.post("/setup/mail/check", follow=True))
    assert "Your account has no e-mail address" in said(owner.post("/setup/mail/trial", follow=True))
    mei = get_user(username="Mei")
    operations.change_user(
        username="Mei",
        role=mei.role,
        is_active=True,
        language="en",
        place_codes=(),
        email="mei@example.org",
        changed_by="Mei",
    )
    assert "The trial mail to mei@example.org was handed over." in said(owner.post("/setup/mail/trial", follow=True))
    (file,) = (tmp_path / "mail").glob("*.eml")
    assert "To: mei@example.org" in file.read_text()


def test_a_mail_server_that_does_not_answer_is_said_in_its_words(owner: Client, environment: Environment) -> None:
    environment(REORDER_MAIL_URL="smtp://127.0.0.1:9", REORDER_MAIL_FROM="shop@example.org")
    assert "Mail cannot go out by 127.0.0.1:9" in said(owner.post("/setup/mail/check", follow=True))


# --- audit trail


def test_the_trail_is_filtered_paged_and_exported(owner: Client) -> None:
    for number in range(60):
        make_person(role="viewer", name=f"person-{number:02}")
    operations.change_role(username="person-07", role="support", changed_by="Mei")

    first = owner.get("/setup/audit/")
    assert "person-59" in said(first)
    assert "person-05 " not in said(first)
    (onward,) = re.findall(r'href="([^"]+)" rel="next"', first.content.decode())
    assert "person-05" in said(owner.get(onward.replace("&amp;", "&")))
    one = said(owner.get("/setup/audit/?kind=user&key=person-07"))
    assert "role: support" in one
    assert "person-08" not in one
    assert said(owner.get("/setup/audit/?actor=nobody")).count("No row matches this filter.") == 1

    answer = owner.get("/setup/audit/export?action=staff.change_user&format=csv")
    lines = b"".join(answer).decode("utf-8-sig").splitlines()  # type: ignore[arg-type]
    assert len(lines) == 2
    assert "Mei,staff.change_user,user,person-07" in lines[1]


@pytest.mark.parametrize("query", ["after=nonsense", "after=WyJ4Il0", "after=W10", "actor=%00", "key=" + "x" * 5000])
def test_nonsense_in_the_address_of_the_trail_is_answered(owner: Client, query: str) -> None:
    assert owner.get(f"/setup/audit/?{query}").status_code in {200, 422}


def test_the_trail_costs_the_same_for_two_and_for_thirty(owner: Client) -> None:
    two = queries_of(owner, "/setup/audit/")
    for number in range(30):
        make_person(role="viewer", name=f"person-{number:02}")
    assert queries_of(owner, "/setup/audit/") == two <= 12


def test_pages_of_people_and_tokens_cost_the_same_for_two_and_for_thirty(owner: Client) -> None:
    before = [queries_of(owner, f"/setup/{page}/") for page in ("users", "tokens", "places")]
    for number in range(30):
        make_person(role="viewer", name=f"person-{number:02}")
        make_place(code=f"P-{number:02}")
        operations.make_token(
            name=f"t{number}", scopes=["orders:read"], created_by="Mei", moment=clock.current_moment()
        )
    assert [queries_of(owner, f"/setup/{page}/") for page in ("users", "tokens", "places")] == before
