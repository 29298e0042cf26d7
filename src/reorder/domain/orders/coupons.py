"""Codes of a single use for issued rules: made once a message or in lots, never given twice, used at most once."""

import datetime as dt
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import Count, Q, Sum

from reorder.domain.orders.price_errors import UnknownPriceRule
from reorder.domain.orders.price_models import Coupon, PriceRule

MOST_OF_A_LOT: Final = 100_000
# No vowels, so that no words come about, and nothing that is read as something else: 20^10 codes.
_LETTERS: Final = "BCDFGHJKLMNPQRSTVWXZ"
_LENGTH: Final = 10
_BATCH: Final = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class CouponRow:
    """One code; `customer_id` is for whom it was issued, and only they may use it where `is_bound`."""

    code: str
    rule_code: str
    customer_id: int | None
    is_bound: bool
    issued_at: dt.datetime
    expires_at: dt.datetime | None
    is_used: bool
    is_void: bool


@dataclass(frozen=True, slots=True)
class CouponCounts:
    """Codes that were issued for a rule, and how many of them an order uses."""

    issued_count: int = 0
    used_count: int = 0


def issue_code(
    *,
    rule_id: int,
    customer_id: int | None,
    is_bound: bool,
    message_key: str,
    moment: dt.datetime,
    expires_at: dt.datetime | None,
) -> CouponRow:
    """The code that this message carries for the rule; asked again it is the same one. Raises UnknownPriceRule."""
    known = find_code_of_message(rule_id=rule_id, message_key=message_key)
    if known is not None:
        return known
    _get_issued_rule(rule_id)
    while True:
        try:
            with transaction.atomic():
                made = Coupon.objects.create(
                    rule_id=rule_id,
                    code=_new_code(),
                    customer_id=customer_id,
                    is_bound=is_bound,
                    message_key=message_key,
                    issued_at=moment,
                    expires_at=expires_at,
                )
            return _row(made)
        except IntegrityError as fault:
            if "coupon_once_a_message" in str(fault):
                # Somebody else asked for the same message at once; both get that one's code.
                return _row(Coupon.objects.select_related("rule").get(rule_id=rule_id, message_key=message_key))
            if "code" not in str(fault):
                raise


def find_code_of_message(*, rule_id: int, message_key: str) -> CouponRow | None:
    """The code of the rule that a message carries, None where it has none yet."""
    found = Coupon.objects.filter(rule_id=rule_id, message_key=message_key).select_related("rule").first()
    return _row(found) if found else None


def issue_lot(*, rule_id: int, lot: str, count: int, moment: dt.datetime, expires_at: dt.datetime | None) -> list[str]:
    """Make so many codes that belong to nobody, for print and partners; returns them. Raises UnknownPriceRule."""
    _get_issued_rule(rule_id)
    codes: set[str] = set()
    while len(codes) < count:
        codes |= {_new_code() for _ in range(count - len(codes))}
        codes -= set(Coupon.objects.filter(code__in=codes).values_list("code", flat=True))
    made = sorted(codes)
    Coupon.objects.bulk_create(
        (Coupon(rule_id=rule_id, code=code, lot=lot, issued_at=moment, expires_at=expires_at) for code in made),
        batch_size=_BATCH,
    )
    return made


def find_coupon(*, code: str) -> CouponRow | None:
    """One code, None where nobody knows it."""
    found = Coupon.objects.filter(code=code.strip().upper().replace("\x00", "")).select_related("rule").first()
    return _row(found) if found else None


def void_unused(*, rule_id: int, lot: str | None, moment: dt.datetime) -> int:
    """Take codes back that nobody has used yet, all of the rule or of one lot; returns how many."""
    unused = Coupon.objects.filter(rule_id=rule_id, uses_count=0, voided_at__isnull=True)
    return (unused if lot is None else unused.filter(lot=lot)).update(voided_at=moment)


def move_coupons(*, from_customer_id: int, to_customer_id: int) -> int:
    """Codes of a record that is merged into another are the other's; part of the caller's transaction."""
    return Coupon.objects.filter(customer_id=from_customer_id).update(customer_id=to_customer_id)


def count_issued(*, rule_id: int, customer_id: int) -> int:
    """How many codes of the rule this customer was given."""
    return Coupon.objects.filter(rule_id=rule_id, customer_id=customer_id).count()


def count_coupons(*, rule_ids: Sequence[int]) -> dict[int, CouponCounts]:
    """Codes issued and used, by rule; rules without codes are left out."""
    found = (
        Coupon.objects.filter(rule_id__in=rule_ids).values("rule_id").annotate(many=Count("pk"), used=Sum("uses_count"))
    )
    return {row["rule_id"]: CouponCounts(row["many"], row["used"] or 0) for row in found}


def list_lots(*, rule_id: int) -> list[tuple[str, int, int]]:
    """Lots of a rule with how many codes they have and how many were used, the newest first."""
    lots = Coupon.objects.filter(~Q(lot=""), rule_id=rule_id).values("lot")
    return list(
        lots.annotate(many=Count("pk"), used=Sum("uses_count")).order_by("-lot").values_list("lot", "many", "used")
    )


def list_codes_of_lot(*, rule_id: int, lot: str) -> list[tuple[str, bool]]:
    """Codes of a lot, and whether each was used."""
    found = Coupon.objects.filter(rule_id=rule_id, lot=lot).order_by("pk").values_list("code", "uses_count")
    return [(code, bool(uses)) for code, uses in found]


def _get_issued_rule(rule_id: int) -> PriceRule:
    found = PriceRule.objects.filter(pk=rule_id, is_issued=True).first()
    if found is None:
        raise UnknownPriceRule(rule=rule_id)
    return found


def _new_code() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))


def _row(coupon: Coupon) -> CouponRow:
    return CouponRow(
        code=coupon.code,
        rule_code=coupon.rule.code,
        customer_id=coupon.customer_id,
        is_bound=coupon.is_bound,
        issued_at=coupon.issued_at,
        expires_at=coupon.expires_at,
        is_used=coupon.uses_count > 0,
        is_void=coupon.voided_at is not None,
    )
