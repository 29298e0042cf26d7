"""Links that let a customer in once, and the sessions that they open; of every secret only the hash is kept."""

import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from reorder.domain.customers.errors import PortalLinkUseless
from reorder.domain.customers.portal_models import PortalLink, PortalSession

LINK_LASTS = dt.timedelta(minutes=15)
SESSION_LASTS = dt.timedelta(days=30)
_SECRET_LASTS = dt.timedelta(days=1)
# Pages of one browser that load side by side while the secret changes.
_OLD_SECRET_LASTS = dt.timedelta(minutes=2)
_KEPT_AFTER_END = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class UsedLink:
    """What a link was made for; without a customer its reader is new here."""

    address: str
    customer_id: int | None
    cart_code: str
    onward: str
    language: str


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A browser that came back; `new_secret` is to be kept by it from now on, empty where nothing changed."""

    id: int
    customer_id: int | None
    language: str
    name: str
    new_secret: str = ""


def make_portal_link(
    *, address: str, customer_id: int | None, cart_code: str, language: str, onward: str, moment: dt.datetime
) -> str:
    """A secret that lets whoever reads this mailbox in once, within 15 minutes; only its hash is kept."""
    secret = secrets.token_urlsafe(32)
    PortalLink.objects.create(
        address=address,
        customer_id=customer_id,
        cart_code=cart_code,
        onward=onward,
        language=language,
        secret_hash=_hash(secret),
        created_at=moment,
        expires_at=moment + LINK_LASTS,
    )
    return secret


def use_portal_link(*, secret: str, moment: dt.datetime) -> UsedLink:
    """Use a link up; raises PortalLinkUseless. Part of the caller's transaction; two clicks at once let one in."""
    with transaction.atomic():
        link = (
            PortalLink.objects.select_for_update(of=("self",))
            .filter(secret_hash=_hash(secret), used_at__isnull=True, expires_at__gt=moment)
            .select_related("customer")
            .first()
        )
        if link is None:
            raise PortalLinkUseless
        PortalLink.objects.filter(pk=link.pk).update(used_at=moment)
    person = link.customer
    if person is not None and person.erased_at is not None:
        raise PortalLinkUseless
    return UsedLink(
        address=link.address,
        customer_id=(person.merged_into_id or person.pk) if person else None,
        cart_code=link.cart_code,
        onward=link.onward,
        language=link.language,
    )


def open_session(*, customer_id: int | None, moment: dt.datetime) -> tuple[int, str]:
    """A new session and its secret; None: of somebody who is not signed in."""
    secret = secrets.token_urlsafe(32)
    made = PortalSession.objects.create(
        secret_hash=_hash(secret),
        customer_id=customer_id,
        created_at=moment,
        changed_at=moment,
        expires_at=moment + SESSION_LASTS,
    )
    return made.pk, secret


def find_session(*, secret: str, moment: dt.datetime) -> SessionRow | None:
    """The session of this secret, None when there is none or it has ended.

    Once a day it goes on for another 30 days under another secret. A merged customer is who was kept; of an erased one
    no session is left.
    """
    hashed = _hash(secret)
    known = Q(secret_hash=hashed) | Q(previous_hash=hashed, previous_until__gt=moment)
    row = (
        PortalSession.objects.filter(known, ended_at__isnull=True, expires_at__gt=moment)
        .select_related("customer__merged_into")
        .first()
    )
    if row is None:
        return None
    person = row.customer and (row.customer.merged_into or row.customer)
    if person is not None and person.erased_at is not None:
        return None
    is_current = row.secret_hash == hashed
    return SessionRow(
        id=row.pk,
        customer_id=person.pk if person else None,
        language=person.language if person else "",
        name=person.name if person else "",
        new_secret=_change_secret(row, moment) if is_current and row.changed_at <= moment - _SECRET_LASTS else "",
    )


def _change_secret(row: PortalSession, moment: dt.datetime) -> str:
    """Of several pages that come at once one changes it; the others go on with the secret they brought."""
    secret = secrets.token_urlsafe(32)
    changed = PortalSession.objects.filter(pk=row.pk, secret_hash=row.secret_hash).update(
        secret_hash=_hash(secret),
        previous_hash=row.secret_hash,
        previous_until=moment + _OLD_SECRET_LASTS,
        changed_at=moment,
        expires_at=moment + SESSION_LASTS,
    )
    return secret if changed else ""


def end_session(*, session_id: int, moment: dt.datetime) -> None:
    """Sign this browser out."""
    PortalSession.objects.filter(pk=session_id, ended_at__isnull=True).update(ended_at=moment)


def end_sessions_of_customer(*, customer_id: int, moment: dt.datetime) -> int:
    """Sign a customer out everywhere, and let no link in that was sent before; returns how many sessions ended."""
    own = Q(customer_id=customer_id) | Q(customer__merged_into_id=customer_id)
    PortalLink.objects.filter(own, used_at__isnull=True).update(used_at=moment)
    return PortalSession.objects.filter(own, ended_at__isnull=True).update(ended_at=moment)


def forget_portal_visits(*, moment: dt.datetime) -> int:
    """Remove links and sessions that are over for a day, and with them carts of strangers; returns how many."""
    before = moment - _KEPT_AFTER_END
    links, _ = PortalLink.objects.filter(expires_at__lt=before).delete()
    sessions, _ = PortalSession.objects.filter(Q(expires_at__lt=before) | Q(ended_at__lt=before)).delete()
    return links + sessions


def _hash(secret: str) -> str:
    # Long and random, so a plain digest cannot be guessed back.
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()
