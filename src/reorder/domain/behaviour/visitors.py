"""Visitors: browsers and apps that send events, and the ways in which it becomes known who uses them.

A visitor becomes a customer only by proof: a session of our portal, the shop's hash of a user id, a server with a
token, or a link of a mail of ours. Never by what a page says of itself.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Final

from django.core.signing import BadSignature, Signer
from django.db import transaction

from reorder.domain.behaviour.stitching import MOST_PEOPLE, settle_links
from reorder.domain.behaviour.tracking_models import Visitor, VisitorLink

_SALT: Final = "behaviour.visit"
# From the click to the first page of the shop.
MARK_LASTS: Final = dt.timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class VisitorRow:
    """A browser; `customer_id` is who used it last, as far as that is known."""

    id: int
    anonymous_id: str
    customer_id: int | None
    people_count: int
    first_seen_at: dt.datetime
    last_seen_at: dt.datetime
    is_bot: bool


def visitor_of_browser(*, anonymous_id: str) -> VisitorRow | None:
    """The visitor of an anonymous id, None when it never sent anything."""
    found = Visitor.objects.filter(anonymous_id=anonymous_id).first()
    if found is None:
        return None
    return VisitorRow(
        id=found.pk,
        anonymous_id=found.anonymous_id,
        customer_id=found.customer_id,
        people_count=found.people_count,
        first_seen_at=found.first_seen_at,
        last_seen_at=found.last_seen_at,
        is_bot=found.is_bot,
    )


def stitch(*, anonymous_id: str, customer_id: int, proof: str, moment: dt.datetime) -> int:
    """From `moment` on this browser is this customer; returns how many earlier events became theirs.

    `proof` is one of session, hash, server, mail. By mail only a browser of which nobody is known is named; a browser
    of many people stays nobody's. Part of the caller's transaction; the caller holds merges off.
    """
    with transaction.atomic():
        visitor, _ = Visitor.objects.get_or_create(
            anonymous_id=anonymous_id,
            defaults={"first_seen_at": moment, "last_seen_at": moment, "minute_at": moment},
        )
        held = Visitor.objects.select_for_update().get(pk=visitor.pk)
        if held.customer_id == customer_id or (proof == VisitorLink.Proof.MAIL and held.customer_id is not None):
            return 0
        if held.people_count > MOST_PEOPLE:
            return 0
        link = VisitorLink.objects.create(visitor=held, customer_id=customer_id, proof=proof, linked_at=moment)
        return len(settle_links(links=[link.pk], visitors=[held.pk]))


@dataclass(frozen=True, slots=True)
class VisitMark:
    """Whose visit it is, and how that is known: mail or session."""

    customer_id: int
    proof: str


def sign_visit(*, customer_id: int, moment: dt.datetime) -> str:
    """What the address carries that a click in a mail leads to: whose mail it was, for an hour.

    The script of the shop's page gives it back, so that the visit is this customer's.
    """
    return _sign(customer_id, VisitorLink.Proof.MAIL, moment)


def sign_session(*, customer_id: int, moment: dt.datetime) -> str:
    """What a page of the portal carries for its script: who is signed in, for an hour."""
    return _sign(customer_id, VisitorLink.Proof.SESSION, moment)


def read_visit(*, mark: str, moment: dt.datetime) -> VisitMark | None:
    """Whose mark it is, if it is ours and not over; None otherwise."""
    try:
        content = Signer(salt=_SALT).unsign_object(mark)
        found = VisitMark(int(content["c"]), str(content["p"]))
        until = int(content["u"])
    except (BadSignature, ValueError, UnicodeError, TypeError, KeyError):
        return None
    return found if until * 60 > moment.timestamp() else None


def _sign(customer_id: int, proof: str, moment: dt.datetime) -> str:
    until = int((moment + MARK_LASTS).timestamp()) // 60
    return Signer(salt=_SALT).sign_object({"c": customer_id, "p": str(proof), "u": until})
