"""The shop's rules for goods that come back, and what its grades are called; read whole, they are few."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.db import IntegrityError, transaction

from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import fetch_prepared
from reorder.domain.warehouse.return_errors import BadReturnRule
from reorder.domain.warehouse.return_models import ReturnGrade, ReturnRule
from reorder.domain.warehouse.return_rules import DISPOSITIONS, GRADES, REASONS, Disposition, Goods, Rule

LONGEST_WINDOW_DAYS: Final = 3_650
LARGEST_MINOR: Final = 10**12
_GOODS: Final = """
WITH RECURSIVE way AS (
    SELECT product.id AS product_id, product.category_id, 0 AS steps FROM catalog_product AS product
    WHERE product.id = ANY(%(ids)s::bigint[])
    UNION ALL
    SELECT way.product_id, category.parent_id, way.steps + 1
    FROM way JOIN catalog_category AS category ON category.id = way.category_id WHERE way.steps < 20
)
SELECT product.id, product.name, product.temperature_class,
       coalesce((SELECT array_agg(way.category_id ORDER BY way.steps) FROM way
                 WHERE way.product_id = product.id AND way.category_id IS NOT NULL), '{}')
FROM catalog_product AS product WHERE product.id = ANY(%(ids)s::bigint[])
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeRow:
    """What a grade is called, and what becomes of its goods."""

    code: str
    name: str
    name_zh: str
    disposition: Disposition


USUAL_GRADES: Final = (
    GradeRow(code="A", name="As new", name_zh="全新", disposition="restock"),
    GradeRow(code="B", name="Opened", name_zh="已拆封", disposition="refurbish"),
    GradeRow(code="C", name="Damaged", name_zh="損壞", disposition="quarantine"),
    GradeRow(code="D", name="Unusable", name_zh="無法使用", disposition="scrap"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRow:
    """A rule with what it is called on the page."""

    rule: Rule
    sku: str
    product_name: str
    category_code: str
    category_name: str
    changed_by: str
    changed_at: dt.datetime


def list_rules() -> list[Rule]:
    """All rules, as they decide."""
    return [_rule(one) for one in ReturnRule.objects.order_by("pk")]


def list_rule_rows() -> list[RuleRow]:
    """All rules, as a page shows them: those for everything first."""
    found = ReturnRule.objects.select_related("product", "category").order_by(
        "product__sku", "category__name", "temperature_class", "channel", "pk"
    )
    rows = [
        RuleRow(
            rule=_rule(one),
            sku=one.product.sku if one.product else "",
            product_name=one.product.name if one.product else "",
            category_code=one.category.code if one.category else "",
            category_name=one.category.name if one.category else "",
            changed_by=one.changed_by,
            changed_at=one.changed_at,
        )
        for one in found
    ]
    return sorted(rows, key=lambda one: (bool(one.sku), bool(one.category_code)))


def list_goods(*, product_ids: Sequence[int]) -> dict[int, Goods]:
    """Products as rules look at them, by id."""
    rows = fetch_prepared(statement=_GOODS, parameters={"ids": sorted(set(product_ids))})
    return {
        row[0]: Goods(product_id=row[0], name=row[1], temperature_class=row[2], category_ids=tuple(row[3]))
        for row in rows
    }


def put_rule(*, rule: Rule, changed_by: str, moment: dt.datetime) -> int:
    """Write a rule: a new one, or the one with its id. Raises BadReturnRule, also for a second one of a scope."""
    _refuse_bad(rule)
    given = {
        "product_id": rule.product_id,
        "category_id": rule.category_id,
        "channel": rule.channel,
        "temperature_class": rule.temperature_class,
        "is_returnable": rule.is_returnable,
        "window_days": rule.window_days,
        "reasons": list(rule.reasons),
        "payer": rule.payer,
        "fee_minor": rule.fee_minor,
        "refunds_shipping": rule.refunds_shipping,
        "accepts_up_to_minor": rule.accepts_up_to_minor,
        "way_back": rule.way_back,
        "never_restocks": rule.never_restocks,
        "changed_by": changed_by,
        "changed_at": moment,
    }
    try:
        with transaction.atomic():
            if rule.id:
                if not ReturnRule.objects.filter(pk=rule.id).update(**given):
                    raise BadReturnRule(reason="somebody has removed it meanwhile")
                pk = rule.id
            else:
                pk = ReturnRule.objects.create(**given).pk
    except IntegrityError:
        raise BadReturnRule(reason="there is a rule for these goods already: change that one") from None
    record_audit(actor=changed_by, action="returns.put_rule", subject_kind="return_rule", subject_key=str(pk))
    return int(pk)


def remove_rule(*, rule_id: int, changed_by: str) -> bool:
    """Take a rule away; False when it was gone."""
    done, _ = ReturnRule.objects.filter(pk=rule_id).delete()
    if done:
        record_audit(
            actor=changed_by, action="returns.remove_rule", subject_kind="return_rule", subject_key=str(rule_id)
        )
    return bool(done)


def list_grades() -> list[GradeRow]:
    """The four grades as this shop calls them."""
    known = {
        one.code: GradeRow(code=one.code, name=one.name, name_zh=one.name_zh, disposition=one.disposition)  # type: ignore[arg-type]
        for one in ReturnGrade.objects.all()
    }
    return [known.get(one.code, one) for one in USUAL_GRADES]


def dispositions_by_grade() -> Mapping[str, Disposition]:
    """What becomes of goods of each grade here."""
    return {one.code: one.disposition for one in list_grades()}


def put_grades(*, grades: Sequence[GradeRow], changed_by: str) -> None:
    """Call the grades so from now on. Raises BadReturnRule."""
    for one in grades:
        if one.code not in GRADES or one.disposition not in DISPOSITIONS:
            raise BadReturnRule(reason="a grade is one of A, B, C and D, and something must become of its goods")
        if not (0 < len(one.name.strip()) <= 40 and 0 < len(one.name_zh.strip()) <= 40):
            raise BadReturnRule(reason="every grade needs a word of at most 40 characters in both languages")
        ReturnGrade.objects.update_or_create(
            code=one.code,
            defaults={
                "name": one.name.strip(),
                "name_zh": one.name_zh.strip(),
                "disposition": one.disposition,
                "changed_by": changed_by,
            },
        )
    record_audit(actor=changed_by, action="returns.put_grades", subject_kind="return_grades", subject_key="all")


def _refuse_bad(rule: Rule) -> None:
    faults = {
        "a rule is for one product or one category, not for both": rule.product_id is not None
        and rule.category_id is not None,
        "the days must be between 0 and 3,650": not 0 <= rule.window_days <= LONGEST_WINDOW_DAYS,
        "a reason is unknown": any(one not in REASONS for one in rule.reasons),
        "an amount must be zero or more": not 0 <= rule.fee_minor <= LARGEST_MINOR
        or (rule.accepts_up_to_minor is not None and not 0 <= rule.accepts_up_to_minor <= LARGEST_MINOR),
    }
    for reason, holds in faults.items():
        if holds:
            raise BadReturnRule(reason=reason)


# Reasons that the error carries; surfaces translate them.
RULE_FAULT_TEMPLATES: Final = (
    "a rule is for one product or one category, not for both",
    "the days must be between 0 and 3,650",
    "a reason is unknown",
    "an amount must be zero or more",
    "there is a rule for these goods already: change that one",
    "somebody has removed it meanwhile",
    "a grade is one of A, B, C and D, and something must become of its goods",
    "every grade needs a word of at most 40 characters in both languages",
)


def _rule(one: ReturnRule) -> Rule:
    return Rule(
        id=one.pk,
        product_id=one.product_id,
        category_id=one.category_id,
        channel=one.channel,
        temperature_class=one.temperature_class,
        is_returnable=one.is_returnable,
        window_days=one.window_days,
        reasons=tuple(one.reasons),
        payer=one.payer,
        fee_minor=one.fee_minor,
        refunds_shipping=one.refunds_shipping,
        accepts_up_to_minor=one.accepts_up_to_minor,
        way_back=one.way_back,
        never_restocks=one.never_restocks,
    )
