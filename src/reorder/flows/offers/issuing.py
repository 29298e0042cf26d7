"""Giving codes away: one a message, or many at once for print and partners, never beyond a limit."""

import datetime as dt
from typing import Final

from django.db import transaction

from reorder.domain.marketing.offer_errors import BadOffer, OfferUsedUp
from reorder.domain.marketing.offers import OfferRow, get_offer, lock_offer
from reorder.domain.orders import coupons
from reorder.domain.staff.operations import record_audit

_LONGEST_LOT: Final = 60


def issue_coupon(*, offer_code: str, customer_id: int, message_key: str, moment: dt.datetime) -> str:
    """The code that this message gives this customer; asked again for the message, it is the same one.

    Part of the caller's transaction. Where the offer is personal nobody else can use the code. Raises UnknownOffer, and
    OfferUsedUp where the offer or the customer has had enough, or it is over.
    """
    with transaction.atomic():
        offer = get_offer(code=offer_code)
        if offer.maximum_codes is not None or offer.maximum_codes_per_customer is not None:
            offer = lock_offer(code=offer_code)
        known = coupons.find_code_of_message(rule_id=offer.rule_id, message_key=message_key)
        if known is not None:
            return known.code
        _refuse(offer=offer, customer_id=customer_id, moment=moment)
        return coupons.issue_code(
            rule_id=offer.rule_id,
            customer_id=customer_id,
            is_bound=offer.is_personal,
            message_key=message_key,
            moment=moment,
            expires_at=offer.expires_at(moment=moment),
        ).code


def make_lot(*, offer_code: str, lot: str, count: int, made_by: str, moment: dt.datetime) -> list[str]:
    """So many codes that belong to nobody, under the name of a lot. Raises UnknownOffer, BadOffer, OfferUsedUp."""
    name = lot.strip()
    if not 0 < len(name) <= _LONGEST_LOT:
        raise BadOffer(offer=offer_code, reason="a lot needs a name of at most 60 characters")
    if not 0 < count <= coupons.MOST_OF_A_LOT:
        raise BadOffer(offer=offer_code, reason="at most 100,000 codes are made at once")
    with transaction.atomic():
        offer = lock_offer(code=offer_code)
        _refuse(offer=offer, customer_id=None, moment=moment, count=count)
        made = coupons.issue_lot(
            rule_id=offer.rule_id, lot=name, count=count, moment=moment, expires_at=offer.expires_at(moment=moment)
        )
        _audit(made_by, "offers.make_lot", offer.code, {"lot": name, "count": count})
    return made


def take_codes_back(*, offer_code: str, lot: str | None, taken_by: str, moment: dt.datetime) -> int:
    """Make unused codes useless, of one lot or all of the offer; returns how many. Raises UnknownOffer."""
    with transaction.atomic():
        offer = lock_offer(code=offer_code)
        count = coupons.void_unused(rule_id=offer.rule_id, lot=lot, moment=moment)
        _audit(taken_by, "offers.take_codes_back", offer.code, {"lot": lot or "", "count": count})
    return count


def _refuse(*, offer: OfferRow, customer_id: int | None, moment: dt.datetime, count: int = 1) -> None:
    if reason := offer.why_not(moment=moment):
        raise OfferUsedUp(offer=offer.code, reason=reason)
    if offer.maximum_codes is not None:
        issued = coupons.count_coupons(rule_ids=[offer.rule_id]).get(offer.rule_id, coupons.CouponCounts())
        if issued.issued_count + count > offer.maximum_codes:
            raise OfferUsedUp(offer=offer.code, reason="all its codes were issued")
    own = offer.maximum_codes_per_customer
    if (
        own is not None
        and customer_id is not None
        and coupons.count_issued(rule_id=offer.rule_id, customer_id=customer_id) >= own
    ):
        raise OfferUsedUp(offer=offer.code, reason="this customer was given as many as is allowed")


def _audit(actor: str, action: str, code: str, details: dict[str, object]) -> None:
    record_audit(actor=actor, action=action, subject_kind="offer", subject_key=code, details=details)
