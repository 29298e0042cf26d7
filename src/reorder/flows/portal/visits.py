"""Coming in and going out: a link to a mailbox, used once, opens a session.

Whoever asks gets the same answer, and causes the same work, whether the address is known or not: nobody learns from it
who is a customer.
"""

import datetime as dt
import hashlib
import re
from dataclasses import dataclass
from typing import Final

from django.conf import settings

from reorder.domain.customers import carts, portal, saved_addresses
from reorder.domain.customers.errors import PortalLinkUseless
from reorder.domain.customers.portal import SessionRow
from reorder.domain.customers.queries import find_kept_ids, get_customer
from reorder.domain.marketing.facts import note_facts
from reorder.domain.marketing.rules import NewFact
from reorder.domain.messaging import of_customer
from reorder.domain.messaging.operations import NewContactPoint, upsert_contact_points
from reorder.domain.orders.of_customer import count_orders
from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import one_transaction
from reorder.flows.order_mail import PORTAL_CHANNEL, letter_language, mail_sign_in
from reorder.flows.portal.errors import BadMailAddress, TooManyTries
from reorder.flows.promising import release_cart
from reorder.flows.throttling import count_try, is_spent
from reorder.kernel.ids import idempotency_key

_ADDRESS: Final = re.compile(r"[^\s@<>,;:\"()\[\]\\\x00-\x1f]{1,64}@[^\s@<>,;:\"()\[\]\\\x00-\x1f]{1,185}")
_QUARTER: Final = dt.timedelta(minutes=15)
_DAY: Final = dt.timedelta(days=1)
# Mails to one mailbox; beyond them the answer is the same and no mail goes.
_LINKS_A_QUARTER, _LINKS_A_DAY = 3, 12
# Asked for, and guessed, from one place.
_ASKED_A_QUARTER, _WRONG_A_QUARTER = 20, 20


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session: its secret is for the browser alone."""

    customer_id: int
    session_secret: str
    has_cart: bool
    onward: str = ""


def ask_for_link(
    *, address: str, cart_code: str, language: str, client: str, moment: dt.datetime, onward: str = ""
) -> None:
    """Send a link that signs the reader of this mailbox in; for a mailbox that nobody knows, as a new customer.

    It leads to `onward`, a page of the portal, wherever the mail is opened.

    Nothing is told of which it was, nor when one mailbox has had its 3 links of a quarter of an hour or 12 of a day.
    `client` is where the wish comes from; 20 a quarter of an hour. Raises BadMailAddress, TooManyTries.
    """
    wanted = address.strip().lower()
    _spend(key=f"portal-ask:{client}", moment=moment, most=_ASKED_A_QUARTER, span=_QUARTER)
    require_mailbox(address=wanted)
    box = hashlib.sha256(wanted.encode()).hexdigest()[:32]
    try:
        _spend(key=f"portal-box:{box}", moment=moment, most=_LINKS_A_QUARTER, span=_QUARTER)
        _spend(key=f"portal-box-day:{box}", moment=moment, most=_LINKS_A_DAY, span=_DAY)
    except TooManyTries:
        return
    with one_transaction():
        customer_id = find_customer_of(address=wanted)
        secret = portal.make_portal_link(
            address=wanted,
            customer_id=customer_id,
            cart_code=cart_code,
            language=language,
            onward=onward,
            moment=moment,
        )
        mail_sign_in(
            address=wanted,
            customer_id=customer_id,
            secret=secret,
            language=letter_language(customer_language=language, shop_language=settings.REORDER.language),
            minutes=int(portal.LINK_LASTS.total_seconds()) // 60,
            moment=moment,
        )


def sign_in(*, secret: str, client: str, moment: dt.datetime, old_session: SessionRow | None) -> SignedIn:
    """Use a link up and open a session under a new secret; what lay in the stranger's cart comes along.

    Raises PortalLinkUseless, and TooManyTries after 20 useless ones of one place in a quarter of an hour.
    """
    key = f"portal-wrong:{client}"
    if is_spent(key=key, moment=moment, most=_WRONG_A_QUARTER, span=_QUARTER):
        raise TooManyTries
    try:
        made, taken = _sign_in(secret=secret, moment=moment, old_session=old_session)
    except PortalLinkUseless:
        count_try(key=key, moment=moment, span=_QUARTER)
        raise
    if taken:
        release_cart(cart_id=taken, channel=PORTAL_CHANNEL)
    return made


def _sign_in(*, secret: str, moment: dt.datetime, old_session: SessionRow | None) -> tuple[SignedIn, str]:
    with one_transaction():
        link = portal.use_portal_link(secret=secret, moment=moment)
        customer_id = link.customer_id or welcome(address=link.address, language=link.language, moment=moment)
        taken = (
            carts.take_cart_over(code=link.cart_code, customer_id=customer_id, moment=moment)
            if link.cart_code
            else None
        )
        if old_session is not None:
            portal.end_session(session_id=old_session.id, moment=moment)
        _session_id, session_secret = portal.open_session(customer_id=customer_id, moment=moment)
        own = carts.find_cart(customer_id=customer_id, session_id=None)
        record_audit(
            actor=f"customer:{customer_id}",
            action="portal.sign_in",
            subject_kind="customer",
            subject_key=str(customer_id),
        )
    made = SignedIn(
        customer_id=customer_id,
        session_secret=session_secret,
        has_cart=bool(own and own.lines),
        onward=link.onward,
    )
    return made, taken.code if taken else ""


def open_visit(*, moment: dt.datetime) -> tuple[SessionRow, str]:
    """A session for somebody who only fills a cart so far, and its secret."""
    with one_transaction():
        session_id, secret = portal.open_session(customer_id=None, moment=moment)
    return SessionRow(id=session_id, customer_id=None, language="", name=""), secret


def find_visit(*, secret: str, moment: dt.datetime) -> SessionRow | None:
    """Who comes with this secret; None for strangers."""
    return portal.find_session(secret=secret, moment=moment) if secret else None


def sign_out(*, session: SessionRow, moment: dt.datetime) -> None:
    """End this session."""
    with one_transaction():
        portal.end_session(session_id=session.id, moment=moment)


def sign_out_everywhere(*, customer_id: int, moment: dt.datetime) -> int:
    """End every session of the customer, and every link that waits; returns how many sessions."""
    with one_transaction():
        ended = portal.end_sessions_of_customer(customer_id=customer_id, moment=moment)
        record_audit(
            actor=f"customer:{customer_id}",
            action="portal.sign_out_everywhere",
            subject_kind="customer",
            subject_key=str(customer_id),
        )
    return ended


def find_customer_of(*, address: str) -> int | None:
    """The customer of a mailbox; of several who share it, the one who ordered last."""
    found = of_customer.list_customers_with_addresses(addresses=[address])
    kept = sorted(set(find_kept_ids(ids=found).values()))
    alive = [customer_id for customer_id in kept if get_customer(customer_id=customer_id).erased_at is None]
    if len(alive) <= 1:
        return alive[0] if alive else None
    counts = count_orders(customer_ids=alive)
    earliest = dt.datetime.min.replace(tzinfo=dt.UTC)
    return max(alive, key=lambda one: (counts[one].last_at if one in counts else earliest, -one))


def forget_visits(*, moment: dt.datetime) -> int:
    """Remove links and sessions that are over for a day, and open carts of 60 days; returns how many."""
    with one_transaction():
        gone = portal.forget_portal_visits(moment=moment)
        return gone + carts.forget_old_carts(changed_before=moment - dt.timedelta(days=60))


def require_mailbox(*, address: str) -> None:
    """Raises BadMailAddress unless a mail could be sent to it."""
    if not _ADDRESS.fullmatch(address):
        raise BadMailAddress


def welcome(*, address: str, language: str, moment: dt.datetime) -> int:
    """The customer of a mailbox; somebody new, who has joined, where it is nobody's."""
    known = find_customer_of(address=address)
    if known is not None:
        return known
    customer_id = saved_addresses.add_customer(address=address, language=language)
    upsert_contact_points(points=[NewContactPoint(customer_id=customer_id, address=address)])
    tell_of_joining(customer_id=customer_id, moment=moment)
    return customer_id


def tell_of_joining(*, customer_id: int, moment: dt.datetime) -> None:
    """Let journeys know that somebody came to the shop of their own will; part of the caller's transaction.

    Whoever joins twice, such as by an account and then by signing up for news, comes into a journey once.
    """
    key = idempotency_key("joined", customer_id)
    note_facts(
        facts=[
            NewFact(kind="joined", customer_id=customer_id, happened_at=moment, key=key, details={"entry": key}),
        ]
    )


def _spend(*, key: str, moment: dt.datetime, most: int, span: dt.timedelta) -> None:
    if count_try(key=key, moment=moment, span=span) > most:
        raise TooManyTries
