"""Offers: what messages may give away. The terms are a price rule that nobody can name; customers get codes."""

import datetime as dt
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Final

from django.db import IntegrityError, transaction

from reorder.domain.marketing.offer_errors import BadOffer, OfferTaken, UnknownOffer
from reorder.domain.marketing.offer_models import Offer
from reorder.domain.orders.price_errors import PriceRuleTaken
from reorder.domain.orders.price_rules import (
    NewPriceRule,
    change_price_rule,
    create_price_rule,
    list_price_rules_by_id,
)
from reorder.domain.staff.operations import record_audit

_CODE: Final = re.compile(r"[A-Z0-9][A-Z0-9_-]{1,31}")
# What offers are called where the price knows them as something else.
_KINDS: Final = {"buy_x_get_y": "bundle"}
RULE_PREFIX: Final = "OFFER-"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOffer:
    """What a person lays down: the discount (`terms`), and how its codes are given.

    `words` are what customers read, by language; `valid_days` how long a code is good after its issue; `segment_codes`
    whom it is for (empty: anybody); `is_personal`: only the customer who was given a code can use it.
    """

    code: str
    terms: NewPriceRule
    words: Mapping[str, str] = field(default_factory=dict)
    valid_days: int | None = None
    maximum_codes: int | None = None
    maximum_codes_per_customer: int | None = None
    segment_codes: tuple[str, ...] = ()
    is_personal: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferRow:
    """An offer as it stands."""

    id: int
    code: str
    rule_id: int
    terms: NewPriceRule
    words: Mapping[str, str]
    valid_days: int | None
    maximum_codes: int | None
    maximum_codes_per_customer: int | None
    segment_codes: tuple[str, ...]
    is_personal: bool
    is_active: bool
    created_by: str
    created_at: dt.datetime
    fingerprint: str

    @property
    def kind(self) -> str:
        """One of percent, amount, free_shipping, gift, bundle."""
        return _KINDS.get(self.terms.kind, self.terms.kind)

    @property
    def is_limited(self) -> bool:
        """Whether what it gives ends."""
        return self.valid_days is not None or self.terms.ends_at is not None

    @property
    def margin_floor_share(self) -> Decimal | None:
        """What stays of a price above cost, whatever it takes off."""
        return self.terms.margin_floor_share

    def why_not(self, *, moment: dt.datetime) -> str:
        """Why nothing can be issued now, whoever asks; empty when something can."""
        if not self.is_active:
            return "it was switched off"
        if self.terms.ends_at is not None and moment >= self.terms.ends_at:
            return "it is over"
        if self.terms.starts_at is not None and moment < self.terms.starts_at:
            return "it has not begun yet"
        return ""

    def expires_at(self, *, moment: dt.datetime) -> dt.datetime | None:
        """When a code that is issued now ends; None where none does."""
        ends = [self.terms.ends_at] if self.terms.ends_at is not None else []
        if self.valid_days is not None:
            ends.append(moment + dt.timedelta(days=self.valid_days))
        return min(ends, default=None)

    def suits(self, *, segment_codes: Collection[str]) -> bool:
        """Whether it is for a customer of these segments."""
        return not self.segment_codes or bool(set(self.segment_codes) & set(segment_codes))

    def name_in(self, *, language: str) -> str:
        """What customers read; the name of its terms where nothing was written in this language."""
        return self.words.get(language) or self.terms.name


def find_offer(*, code: str) -> OfferRow | None:
    """The offer with this code, None where there is none."""
    found = list_offers_by_code(codes=[code])
    return found.get(code.strip().upper())


def list_offers_by_code(*, codes: Collection[str]) -> dict[str, OfferRow]:
    """Offers by code; unknown ones are left out."""
    wanted = {code.strip().upper() for code in codes if "\x00" not in code}
    return {row.code: row for row in _rows(list(Offer.objects.filter(code__in=wanted)))} if wanted else {}


def list_offers(*, tab: str = "live", moment: dt.datetime) -> list[OfferRow]:
    """Offers by code: those of which codes can be issued (`live`), the others (`ended`), or `all`."""
    rows = _rows(list(Offer.objects.order_by("code")))
    if tab == "all":
        return rows
    return [row for row in rows if (row.why_not(moment=moment) == "") is (tab == "live")]


def lock_offer(*, code: str) -> OfferRow:
    """One offer, held until the transaction ends, so that its limits are counted by one at a time."""
    found = Offer.objects.select_for_update(no_key=True).filter(code=code.strip().upper().replace("\x00", "")).first()
    if found is None:
        raise UnknownOffer(offer=code)
    return _rows([found])[0]


def create_offer(*, offer: NewOffer, created_by: str) -> OfferRow:
    """Lay an offer down; it can be given at once within its dates. Raises BadOffer, OfferTaken, BadPriceTerms."""
    code = offer.code.strip().upper()
    _refuse_bad(offer, code=code)
    terms = replace(offer.terms, code=RULE_PREFIX + code, is_coupon=True, is_issued=True)
    try:
        with transaction.atomic():
            rule = create_price_rule(terms=terms, created_by=created_by)
            Offer.objects.create(code=code, rule_id=rule.id, created_by=created_by, **_values(offer))
            _audit(actor=created_by, action="offers.create", code=code)
    except (IntegrityError, PriceRuleTaken) as fault:
        raise OfferTaken(offer=code) from fault
    return get_offer(code=code)


def change_offer(*, offer: NewOffer, seen: str, changed_by: str) -> OfferRow:
    """Give an offer other terms; codes that are out follow them at once, except for their own end.

    `seen` is the fingerprint that the person looked at. Raises UnknownOffer, BadOffer, BadPriceTerms, PriceRuleChanged.
    """
    code = offer.code.strip().upper()
    _refuse_bad(offer, code=code)
    with transaction.atomic():
        known = lock_offer(code=code)
        change_price_rule(rule_id=known.rule_id, terms=offer.terms, seen=seen, changed_by=changed_by)
        Offer.objects.filter(pk=known.id).update(**_values(offer))
        _audit(actor=changed_by, action="offers.change", code=code)
    return get_offer(code=code)


def switch_offer(*, code: str, is_active: bool, switched_by: str) -> OfferRow:
    """Give it, or give it no more; codes that are out stay good. Raises UnknownOffer."""
    with transaction.atomic():
        row = lock_offer(code=code)
        if Offer.objects.filter(pk=row.id, is_active=not is_active).update(is_active=is_active):
            _audit(actor=switched_by, action="offers.switch_on" if is_active else "offers.switch_off", code=row.code)
    return get_offer(code=row.code)


def get_offer(*, code: str) -> OfferRow:
    """One offer; raises UnknownOffer."""
    found = find_offer(code=code)
    if found is None:
        raise UnknownOffer(offer=code)
    return found


def _values(offer: NewOffer) -> dict[str, object]:
    return {
        "words": {language: text.strip() for language, text in offer.words.items() if text.strip()},
        "valid_days": offer.valid_days,
        "maximum_codes": offer.maximum_codes,
        "maximum_codes_per_customer": offer.maximum_codes_per_customer,
        "segment_codes": list(dict.fromkeys(code for code in offer.segment_codes if code)),
        "is_personal": offer.is_personal,
    }


def _refuse_bad(offer: NewOffer, *, code: str) -> None:
    limits = (offer.maximum_codes, offer.maximum_codes_per_customer)
    reasons = (
        (_CODE.fullmatch(code) is None, "a code has 2 to 32 letters, digits, hyphens and underscores"),
        (offer.valid_days is not None and offer.valid_days < 1, "codes must be good for at least one day"),
        (any(limit is not None and limit < 1 for limit in limits), "a limit of codes must be above zero"),
    )
    for is_wrong, reason in reasons:
        if is_wrong:
            raise BadOffer(offer=code, reason=reason)


def _rows(offers: Sequence[Offer]) -> list[OfferRow]:
    rules = list_price_rules_by_id(rule_ids=[offer.rule_id for offer in offers])
    return [
        OfferRow(
            id=offer.pk,
            code=offer.code,
            rule_id=offer.rule_id,
            terms=rules[offer.rule_id].terms,
            words=dict(offer.words),
            valid_days=offer.valid_days,
            maximum_codes=offer.maximum_codes,
            maximum_codes_per_customer=offer.maximum_codes_per_customer,
            segment_codes=tuple(offer.segment_codes),
            is_personal=offer.is_personal,
            is_active=offer.is_active and rules[offer.rule_id].is_active,
            created_by=offer.created_by,
            created_at=offer.created_at,
            fingerprint=rules[offer.rule_id].fingerprint,
        )
        for offer in offers
    ]


def _audit(*, actor: str, action: str, code: str) -> None:
    record_audit(actor=actor, action=action, subject_kind="offer", subject_key=code)
