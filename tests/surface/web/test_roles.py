"""Every address as every role and as a stranger: what is allowed opens, what is not is refused, and looking changes nothing.

New pages are found by themselves. A page with a new kind of number in its address needs a line in `ARGUMENTS`.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from reorder.domain.purchasing.models import Offer, Supplier
from reorder.domain.staff.rules import ROLE_ABILITIES, Role
from reorder.web.portal import shop_urls
from tests.factories.catalog import make_product
from tests.factories.inventory import make_place
from tests.factories.purchasing import make_offer, make_supplier, propose
from tests.factories.staff import make_person, sign_in

pytestmark = pytest.mark.django_db

# What stands in an address, by the name of its place there: a thing of the shop below, or something that is not there.
ARGUMENTS: dict[str, Callable[["Shop"], object]] = {
    "key": lambda _: "all",
    "enrolment_id": lambda _: 1,
    "import_id": lambda _: 1,
    "account_id": lambda _: 1,
    "adapter": lambda _: "ecpay",
    "alert_id": lambda _: 1,
    "version_number": lambda _: 1,
    "language": lambda _: "en",
    "offer_code": lambda _: "NO-SUCH-OFFER",
    "article_code": lambda _: "no-such-article",
    "template_code": lambda _: "no-such-template",
    "batch_id": lambda _: 1,
    "task_id": lambda _: 1,
    "owner_code": lambda _: "no-such-owner",
    "bin_code": lambda _: "NO-SUCH-BIN",
    "charge_id": lambda _: 1,
    "customer_id": lambda _: 1,
    "delivery_id": lambda _: 1,
    "digest_id": lambda _: 1,
    "discrepancy_id": lambda _: 1,
    "endpoint_id": lambda _: 1,
    "fulfilment_id": lambda _: 1,
    "trial_id": lambda _: 1,
    "frame": lambda _: 1,
    "parcel": lambda _: 0,
    "code": lambda _: "NO-SUCH-CARTON",
    "sheet": lambda _: "pick",
    "kind": lambda _: "events",
    "label_id": lambda _: 1,
    "parcel_id": lambda _: 1,
    "pick_up_id": lambda _: 1,
    "stray_id": lambda _: 1,
    "lane_id": lambda _: 1,
    "mark": lambda _: "no-such-mark",
    "message_id": lambda _: 1,
    "note_id": lambda _: 1,
    "number": lambda _: "PO-2026-000001",
    "order_id": lambda _: 1,
    "other_id": lambda _: 2,
    "wave_id": lambda _: 1,
    "offer_id": lambda shop: shop.offer_id,
    "pk": lambda _: 1,
    "post_id": lambda _: 1,
    "provider": lambda _: "line",
    "way": lambda _: "settings",
    "place_id": lambda shop: shop.place_id,
    "product_id": lambda shop: shop.product_id,
    "proposal_id": lambda shop: shop.proposal_id,
    "photo_id": lambda _: 1,
    "refund_id": lambda _: 1,
    "return_id": lambda _: 1,
    "request_id": lambda _: 1,
    "region_id": lambda _: 1,
    "fee_id": lambda _: 1,
    "rate_id": lambda _: 1,
    "rule_id": lambda _: 1,
    "rule_kind": lambda _: "percent",
    "run_id": lambda _: 1,
    "saved_id": lambda _: 1,
    "source_id": lambda _: 1,
    "service_code": lambda _: "home",
    "secret": lambda _: "no-such-secret",
    "task": lambda _: "move-1",
    "supplier_id": lambda shop: shop.supplier_id,
    "token": lambda _: "no-such-token",
    "token_id": lambda _: 1,
    "upload_id": lambda _: 1,
    "user_id": lambda shop: shop.user_id,
    "view_id": lambda _: 1,
    "work": lambda _: "move",
}
# Addresses that strangers need: signing in, the language of the page where they do, and what mail leads customers to.
# Allauth guards its own.
OPEN_TO_STRANGERS = {
    "account_login",
    # Links of messages, which carry our signature.
    "links:choice",
    "links:follow",
    "links:opened",
    "account_reset_password",
    "account_signup",
    "me:language",
    "portal:unsubscribe",
    "portal:sign_up",
    "portal:confirm_sign_up",
    "sign_in_link",
    # A carrier's map of stores answers here by the customer's browser; the signed word in the address guards it.
    "take_store",
    # Whoever has the link of a letter sees how far parcels are.
    "tracking:follow",
    # Customers come in by a session of their own; tests/surface/web/portal walks these.
    *(f"shop:{pattern.name}" for pattern in shop_urls.urlpatterns),
}
OWN_GUARD = re.compile(r"(account|mfa)_")
# Where a page may write when it is looked at: who is signed in, counters of requests, and codes shown once.
MAY_WRITE = re.compile(r'"?(django_session|reorder_cache|axes_\w+)\b')
_WRITES = re.compile(r"\s*(INSERT\s+INTO|UPDATE|DELETE\s+FROM|TRUNCATE|COPY)\s+(?P<table>\S+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Shop:
    """A few things that addresses can name."""

    offer_id: int
    place_id: int
    product_id: int
    proposal_id: int
    supplier_id: int
    user_id: int


@dataclass(frozen=True, slots=True)
class Page:
    """One address pattern; `abilities` is None where no `desk` stands before the view."""

    name: str
    route: str
    view: Callable[..., Any]

    @property
    def abilities(self) -> tuple[Any, ...] | None:
        return getattr(self.view, "desk_abilities", None)

    @property
    def method(self) -> str:
        return getattr(self.view, "desk_method", "GET")

    def address(self, shop: Shop) -> str:
        def fill(found: re.Match[str]) -> str:
            name = found[1].rpartition(":")[2]
            assert name in ARGUMENTS, f"{self.route} needs a line for {name!r} in ARGUMENTS of {__file__}"
            return str(ARGUMENTS[name](shop))

        return "/" + re.sub(r"<([^>]+)>", fill, self.route)

    def allows(self, role: Role) -> bool:
        return not self.abilities or any(ability in ROLE_ABILITIES[role] for ability in self.abilities)


def _pages(resolver: URLResolver, route: str = "", names: str = "") -> Iterator[Page]:
    for pattern in resolver.url_patterns:
        here = route + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{names}{pattern.namespace}:" if pattern.namespace else names
            yield from _pages(pattern, here, inner)
        elif isinstance(pattern, URLPattern):
            yield Page(name=f"{names}{pattern.name}", route=here, view=pattern.callback)


def _is_of_api(page: Page) -> bool:
    """The API answers tokens, not people; its own walk is tests/surface/api."""
    return page.route.startswith("api/") or getattr(page.view, "__module__", "").startswith(("reorder.api", "ninja"))


PAGES = [page for page in _pages(get_resolver()) if not _is_of_api(page)]
DESK_PAGES = [page for page in PAGES if page.abilities is not None]


@pytest.fixture
def shop() -> Shop:
    place = make_place()
    make_supplier()
    product = make_product()
    make_offer()
    (proposal_id,) = propose(("OOLONG-150", 12))
    return Shop(
        offer_id=Offer.objects.get().pk,
        place_id=place.id,
        product_id=product.pk,
        proposal_id=proposal_id,
        supplier_id=Supplier.objects.get().pk,
        user_id=make_person(role="viewer", name="Mei").id,
    )


@pytest.fixture
def browser() -> Client:
    """Errors come back as pages, so that one walk tells all of them."""
    return Client(raise_request_exception=False)


@contextmanager
def only_looking() -> Iterator[list[str]]:
    """Tells the tables that were written to."""
    written: list[str] = []

    def watch(execute: Any, sql: str, *rest: Any) -> Any:
        found = _WRITES.match(str(sql))
        if found and not MAY_WRITE.match(found["table"]):
            written.append(found["table"])
        return execute(sql, *rest)

    with connection.execute_wrapper(watch):
        yield written


def _read(answer: HttpResponseBase) -> HttpResponseBase:
    """A streamed file is made while it is read."""
    if getattr(answer, "streaming", False):
        list(answer)  # type: ignore[call-overload]
    return answer


def test_every_page_stands_behind_a_desk_or_is_meant_for_strangers() -> None:
    bare = {page.name for page in PAGES if page.abilities is None and not OWN_GUARD.match(page.name)}
    assert bare == {name for name in OPEN_TO_STRANGERS if not OWN_GUARD.match(name)}


def test_a_form_that_another_site_forged_changes_nothing(shop: Shop) -> None:
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    sign_in(client, role="owner")
    faults = []
    for page in DESK_PAGES:
        if page.method == "POST":
            with only_looking() as written:
                status = client.post(page.address(shop)).status_code
            if status != 403 or written:
                faults.append(f"POST {page.address(shop)} ({page.name}): {status}, wrote {written}")
    assert not faults, "\n".join(faults)


def test_a_page_changes_things_only_by_a_form_that_is_sent() -> None:
    assert {page.method for page in DESK_PAGES} <= {"GET", "POST"}


@pytest.mark.parametrize("role", list(Role))
def test_a_role_opens_what_it_may_and_nothing_else(role: Role, browser: Client, shop: Shop) -> None:
    sign_in(browser, role=role.value)
    faults = []
    for page in DESK_PAGES:
        address = page.address(shop)
        with only_looking() as written:
            status = _read(browser.get(address)).status_code
        wrong = status != 403 if not page.allows(role) else status in {401, 403} or status >= 500
        if page.allows(role) and page.method == "POST":
            wrong = status != 405
        if wrong or written:
            faults.append(f"GET {address} ({page.name}) as {role}: {status}, wrote {written}")
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("role", list(Role))
def test_a_form_is_taken_only_from_roles_that_may_send_it(role: Role, browser: Client, shop: Shop) -> None:
    sign_in(browser, role=role.value)
    faults = []
    for page in DESK_PAGES:
        if page.method != "POST":
            continue
        address = page.address(shop)
        if page.allows(role):
            # An empty form is the worst of forms: it must be answered, not broken by.
            status = _read(browser.post(address)).status_code
            wrong = status in {401, 403, 405} or status >= 500
            sign_in(browser, role=role.value)
        else:
            with only_looking() as written:
                status = _read(browser.post(address)).status_code
            wrong = status != 403 or bool(written)
        if wrong:
            faults.append(f"POST {address} ({page.name}) as {role}: {status}")
    assert not faults, "\n".join(faults)


def test_a_stranger_is_sent_to_sign_in(browser: Client, shop: Shop) -> None:
    faults = []
    for page in PAGES:
        if page.name in OPEN_TO_STRANGERS:
            continue
        address = page.address(shop)
        for method in ("GET", "POST"):
            with only_looking() as written:
                answer = browser.generic(method, address)
            is_sent = answer.status_code == 302 and answer.headers["Location"].startswith("/account/login/")
            is_harmless = page.name in {"account_inactive", "mfa_login_webauthn"} and answer.status_code < 500
            if not (is_sent or is_harmless) or written:
                faults.append(f"{method} {address} ({page.name}): {answer.status_code}, wrote {written}")
    assert not faults, "\n".join(faults)


def test_addresses_without_a_desk_answer_strangers_and_people(browser: Client, shop: Shop) -> None:
    faults = []
    for is_signed_in in (False, True):
        if is_signed_in:
            sign_in(browser, role="viewer")
        for page in PAGES:
            if page.abilities is not None:
                continue
            for method in ("GET", "POST"):
                with only_looking() as written:
                    status = _read(browser.generic(method, page.address(shop))).status_code
                if status >= 500 or (method == "GET" and written):
                    faults.append(f"{method} {page.address(shop)} ({page.name}): {status}, wrote {written}")
                if is_signed_in and page.name == "account_logout":
                    sign_in(browser, role="viewer")
    assert not faults, "\n".join(faults)


def test_a_page_of_a_part_tells_a_stranger_to_sign_in_anew(browser: Client) -> None:
    answer = browser.get("/setup/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Refresh"]) == (401, "true")
