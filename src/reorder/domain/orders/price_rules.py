"""Discounts and coupons: laid down and changed by people, read for pricing; nothing is ever deleted."""

import datetime as dt
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from decimal import Decimal
from typing import Any, Final

from django.db import IntegrityError, connection, transaction
from django.db.models import Q, Sum

from reorder.domain.catalog.models import Category, Product
from reorder.domain.orders.price_errors import BadPriceTerms, PriceRuleChanged, PriceRuleTaken, UnknownPriceRule
from reorder.domain.orders.price_models import Coupon, PriceRule, PriceRuleUse
from reorder.domain.staff.operations import record_audit
from reorder.engine import pricing
from reorder.engine.pricing import BadPriceRule, Goods, RuleKind
from reorder.kernel.fingerprint import fingerprint_of

MOST_CODES: Final = 500
COUNTED_USES: Final = 1_000
_CODE: Final = re.compile(r"[A-Z0-9][A-Z0-9_-]{1,39}")
# A rule without a limit is not counted as it is used; a list counts so far and then says “more than”.
_COUNT_USES: Final = f"""
SELECT rule.id, (SELECT coalesce(sum(uses), 0) FROM (
    SELECT uses FROM orders_priceruleuse AS used WHERE used.rule_id = rule.id LIMIT {COUNTED_USES + 1}) AS counted)
FROM unnest(%s::bigint[]) AS rule(id)
"""  # noqa: S608 - a constant of ours


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPriceRule:
    """Terms of a discount or coupon as a person gives them; amounts in minor units of `currency`.

    Empty `channels`, `skus` and `category_codes` limit nothing. `is_issued`: customers cannot name it, only codes of a
    single use that were issued for it (`coupons`). `margin_floor_share` is what must stay of a price above cost.
    """

    code: str
    name: str
    is_coupon: bool
    kind: str
    currency: str
    share: Decimal | None = None
    amount_minor: int = 0
    maximum_discount_minor: int | None = None
    minimum_goods_minor: int = 0
    channels: tuple[str, ...] = ()
    skus: tuple[str, ...] = ()
    category_codes: tuple[str, ...] = ()
    buy_units: int = 0
    get_units: int = 0
    get_skus: tuple[str, ...] = ()
    get_category_codes: tuple[str, ...] = ()
    gift_sku: str = ""
    gift_units: Decimal = Decimal(1)
    starts_at: dt.datetime | None = None
    ends_at: dt.datetime | None = None
    maximum_uses: int | None = None
    maximum_uses_per_customer: int | None = None
    is_combinable: bool = True
    priority: int = 100
    is_issued: bool = False
    margin_floor_share: Decimal | None = None


_FIELDS: Final = tuple(field.name for field in fields(NewPriceRule))
_LISTS: Final = ("channels", "skus", "category_codes", "get_skus", "get_category_codes")


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceRuleRow:
    """A discount or coupon as it stands, and how often it was used (at most `COUNTED_USES` + 1 without a limit)."""

    id: int
    terms: NewPriceRule
    is_active: bool
    uses_count: int
    created_by: str
    created_at: dt.datetime

    @property
    def fingerprint(self) -> str:
        """What a page carries to tell whether somebody else changed it."""
        return fingerprint_of(values=[*asdict(self.terms).items(), self.is_active])


def create_price_rule(*, terms: NewPriceRule, created_by: str) -> PriceRuleRow:
    """Lay down a discount or coupon; it counts at once within its dates. Raises BadPriceTerms, PriceRuleTaken."""
    terms = _cleaned(terms)
    refuse_bad_terms(terms=terms)
    try:
        with transaction.atomic():
            made = PriceRule.objects.create(**_values(terms), created_by=created_by)
            _audit(actor=created_by, action="prices.create_rule", terms=terms)
    except IntegrityError as fault:
        if "price_rule_code_once" in str(fault):
            raise PriceRuleTaken(rule=terms.code) from fault
        raise
    return get_price_rule(rule_id=made.pk)


def change_price_rule(*, rule_id: int, terms: NewPriceRule, seen: str, changed_by: str) -> PriceRuleRow:
    """Give a rule other terms; code and kind of customer contact (coupon or automatic) stay.

    `seen` is the fingerprint of the rule that the person looked at. A new limit counts the uses so far. Raises
    UnknownPriceRule, BadPriceTerms, PriceRuleChanged.
    """
    with transaction.atomic():
        # Waits for orders that are using it: their uses are counted, and later ones see the new limit.
        known = PriceRule.objects.select_for_update().filter(pk=rule_id).first()
        if known is None:
            raise UnknownPriceRule(rule=rule_id)
        if _row(known, 0).fingerprint != seen:
            raise PriceRuleChanged(rule=known.code)
        terms = replace(_cleaned(terms, code=known.code, is_coupon=known.is_coupon), is_issued=known.is_issued)
        refuse_bad_terms(terms=terms)
        used = known.uses_count if _is_limited(known) else _uses_so_far(rule_id)
        if terms.maximum_uses is not None and terms.maximum_uses < used:
            raise BadPriceTerms(rule=terms.code, reason="fewer uses than it has already had", value=used)
        PriceRule.objects.filter(pk=rule_id).update(**_values(terms), uses_count=used)
        _audit(actor=changed_by, action="prices.change_rule", terms=terms)
    return get_price_rule(rule_id=rule_id)


def switch_price_rule(*, rule_id: int, is_active: bool, switched_by: str) -> PriceRuleRow:
    """Switch a rule off or on again; False changes nothing for orders that have it. Raises UnknownPriceRule."""
    with transaction.atomic():
        changed = PriceRule.objects.filter(pk=rule_id, is_active=not is_active).update(is_active=is_active)
        row = get_price_rule(rule_id=rule_id)
        if changed:
            action = "prices.switch_rule_on" if is_active else "prices.switch_rule_off"
            record_audit(actor=switched_by, action=action, subject_kind="price", subject_key=row.terms.code)
    return row


def get_price_rule(*, rule_id: int) -> PriceRuleRow:
    """One rule with its uses; raises UnknownPriceRule."""
    found = PriceRule.objects.filter(pk=rule_id).first()
    if found is None:
        raise UnknownPriceRule(rule=rule_id)
    return _row(found, _used_counts([found]).get(found.pk, 0))


def list_price_rules_by_id(*, rule_ids: Collection[int]) -> dict[int, PriceRuleRow]:
    """Rules by number, for whoever keeps their numbers; their uses are not counted."""
    return {rule.pk: _row(rule, rule.uses_count) for rule in PriceRule.objects.filter(pk__in=rule_ids)}


def list_price_rule_page(
    *, moment: dt.datetime, tab: str, search: str = "", after_code: str | None = None, limit: int = 50
) -> list[PriceRuleRow]:
    """Rules by code: those that hold (`live`), are still to come (`coming`), are over or off (`ended`), or `all`."""
    over = Q(is_active=False) | Q(ends_at__lte=moment)
    found = PriceRule.objects.filter(is_issued=False).order_by("code")
    if tab == "live":
        found = found.exclude(over).exclude(starts_at__gt=moment)
    elif tab == "coming":
        found = found.exclude(over).filter(starts_at__gt=moment)
    elif tab == "ended":
        found = found.filter(over)
    typed = search.replace("\x00", "").strip()
    if typed:
        # icontains escapes the signs of LIKE by itself.
        found = found.filter(Q(code__icontains=typed) | Q(name__icontains=typed))
    if after_code is not None:
        found = found.filter(code__gt=after_code)
    rows = list(found[:limit])
    counts = _used_counts(rows)
    return [_row(row, counts.get(row.pk, 0)) for row in rows]


def count_price_rules(*, moment: dt.datetime) -> int:
    """How many rules hold now."""
    return (
        PriceRule.objects.filter(is_active=True, is_issued=False)
        .exclude(ends_at__lte=moment)
        .exclude(starts_at__gt=moment)
        .count()
    )


def list_rules_for_pricing(
    *,
    channel: str,
    coupon_codes: Collection[str],
    customer_id: int | None,
    order_id: int | None = None,
    currency: str,
) -> tuple[pricing.PriceRule, ...]:
    """Automatic discounts that are switched on, and the coupons named, as the engine takes them.

    `order_id` is the order that is priced again: what it uses already counts as free. Amounts of another currency are
    not exchanged: such rules are left out.
    """
    named = sorted({pricing.normal_code(text=code) for code in coupon_codes if "\x00" not in code})
    without_amount = Q(amount_minor=0, minimum_goods_minor=0, maximum_discount_minor__isnull=True)
    found = list(
        PriceRule.objects.filter(is_active=True)
        .filter(Q(is_coupon=False) | Q(code__in=named, is_issued=False))
        .filter(Q(currency=currency) | without_amount)
        .filter(Q(channels=[]) | Q(channels__contains=[channel]))
        .order_by("pk")
    )
    limited = [row.pk for row in found if _is_limited(row)]
    own = _own_uses(rule_ids=limited, customer_id=customer_id, order_id=order_id) if limited else {}
    issued = _issued_rules(
        named=set(named) - {row.code for row in found}, channel=channel, customer_id=customer_id, order_id=order_id
    )
    plain = (_for_engine(row, *own.get(row.pk, (0, 0))) for row in found)
    return (*plain, *(rule for rule, paid_in in issued if paid_in in ("", currency)))


def refuse_bad_terms(*, terms: NewPriceRule) -> None:
    """Raises BadPriceTerms with the first thing that is wrong, unknown products and categories included."""
    limits = (terms.maximum_uses, terms.maximum_uses_per_customer)
    reasons = (
        (_CODE.fullmatch(terms.code) is None, "a code has 2 to 40 letters, digits, hyphens and underscores"),
        (not 0 < len(terms.name) <= 120, "it needs a name of at most 120 characters"),
        (any(limit is not None and limit < 1 for limit in limits), "a limit of uses must be above zero"),
        (any(len(getattr(terms, name)) > MOST_CODES for name in _LISTS), "more than 500 products or categories"),
    )
    for is_wrong, reason in reasons:
        if is_wrong:
            raise BadPriceTerms(rule=terms.code, reason=reason, value="")
    try:
        pricing.refuse_bad_rule(rule=_engine_rule(terms, uses_left=None, customer_uses_left=None))
    except BadPriceRule as fault:
        raise BadPriceTerms(rule=terms.code, reason=fault.parameters["reason"], value="") from fault
    _refuse_unknown(terms)


def _refuse_unknown(terms: NewPriceRule) -> None:
    skus = {*terms.skus, *terms.get_skus, *([terms.gift_sku] if terms.gift_sku else [])}
    known = set(Product.objects.filter(sku__in=skus).values_list("sku", flat=True))
    if missing := sorted(skus - known):
        raise BadPriceTerms(rule=terms.code, reason="there is no such product", value=", ".join(missing[:5]))
    codes = {*terms.category_codes, *terms.get_category_codes}
    if missing := sorted(codes - set(Category.objects.filter(code__in=codes).values_list("code", flat=True))):
        raise BadPriceTerms(rule=terms.code, reason="there is no such category", value=", ".join(missing[:5]))


def _cleaned(terms: NewPriceRule, *, code: str | None = None, is_coupon: bool | None = None) -> NewPriceRule:
    """As it is kept: the code in upper case, names without blanks around, nothing that its kind does not use."""
    kind, texts = terms.kind, {name: _distinct(getattr(terms, name)) for name in _LISTS}
    is_units = kind == RuleKind.BUY_X_GET_Y
    return NewPriceRule(
        code=code or pricing.normal_code(text=terms.code),
        name=terms.name.strip(),
        is_coupon=terms.is_coupon if is_coupon is None else is_coupon,
        kind=kind,
        currency=terms.currency,
        share=terms.share if kind in (RuleKind.PERCENT, RuleKind.BUY_X_GET_Y) else None,
        amount_minor=terms.amount_minor if kind == RuleKind.AMOUNT else 0,
        maximum_discount_minor=terms.maximum_discount_minor if kind == RuleKind.PERCENT else None,
        minimum_goods_minor=terms.minimum_goods_minor,
        channels=texts["channels"],
        skus=texts["skus"],
        category_codes=texts["category_codes"],
        buy_units=terms.buy_units if is_units else 0,
        get_units=terms.get_units if is_units else 0,
        get_skus=texts["get_skus"] if is_units else (),
        get_category_codes=texts["get_category_codes"] if is_units else (),
        gift_sku=terms.gift_sku.strip() if kind == RuleKind.GIFT else "",
        gift_units=terms.gift_units if kind == RuleKind.GIFT else Decimal(1),
        starts_at=terms.starts_at,
        ends_at=terms.ends_at,
        maximum_uses=terms.maximum_uses,
        maximum_uses_per_customer=terms.maximum_uses_per_customer,
        is_combinable=terms.is_combinable,
        priority=terms.priority,
        is_issued=terms.is_issued,
        margin_floor_share=terms.margin_floor_share,
    )


def _distinct(codes: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(code.strip() for code in codes if code.strip() and "\x00" not in code))


def _values(terms: NewPriceRule) -> dict[str, object]:
    return {name: list(value) if name in _LISTS else value for name, value in asdict(terms).items()}


def _row(rule: PriceRule, uses_count: int) -> PriceRuleRow:
    return PriceRuleRow(
        id=rule.pk,
        terms=_terms(rule),
        is_active=rule.is_active,
        uses_count=uses_count,
        created_by=rule.created_by,
        created_at=rule.created_at,
    )


def _terms(rule: PriceRule) -> NewPriceRule:
    values: dict[str, Any] = {name: getattr(rule, name) for name in _FIELDS}
    values |= {name: tuple(values[name]) for name in _LISTS}
    return NewPriceRule(**values)


def _is_limited(rule: PriceRule) -> bool:
    return rule.maximum_uses is not None or rule.maximum_uses_per_customer is not None


def _for_engine(rule: PriceRule, by_customer: int, by_order: int) -> pricing.PriceRule:
    left, own_left = rule.maximum_uses, rule.maximum_uses_per_customer
    return _engine_rule(
        _terms(rule),
        uses_left=None if left is None else left - rule.uses_count + by_order,
        customer_uses_left=None if own_left is None else own_left - by_customer,
    )


def _engine_rule(terms: NewPriceRule, *, uses_left: int | None, customer_uses_left: int | None) -> pricing.PriceRule:
    return pricing.PriceRule(
        code=terms.code,
        name=terms.name,
        kind=RuleKind(terms.kind),
        is_coupon=terms.is_coupon,
        share=terms.share,
        amount_minor=terms.amount_minor,
        maximum_discount_minor=terms.maximum_discount_minor,
        minimum_goods_minor=terms.minimum_goods_minor,
        goods=Goods(skus=frozenset(terms.skus), category_codes=frozenset(terms.category_codes)),
        buy_units=terms.buy_units,
        get_units=terms.get_units,
        get_goods=Goods(skus=frozenset(terms.get_skus), category_codes=frozenset(terms.get_category_codes)),
        gift_sku=terms.gift_sku,
        gift_units=terms.gift_units,
        starts_at=terms.starts_at,
        ends_at=terms.ends_at,
        uses_left=uses_left,
        customer_uses_left=customer_uses_left,
        is_combinable=terms.is_combinable,
        priority=terms.priority,
        margin_floor_share=terms.margin_floor_share,
    )


def _own_uses(
    *, rule_ids: Sequence[int], customer_id: int | None, order_id: int | None
) -> Mapping[int, tuple[int, int]]:
    """Uses of each rule by other orders of the customer, and by the order itself."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT used.rule_id,
                      coalesce(sum(used.uses) FILTER (WHERE o.customer_id = %(customer)s
                                                        AND o.id IS DISTINCT FROM %(order)s), 0)::int,
                      coalesce(sum(used.uses) FILTER (WHERE o.id = %(order)s), 0)::int
               FROM orders_priceruleuse AS used JOIN orders_order AS o ON o.id = used.order_id
               WHERE used.rule_id = ANY(%(rules)s) AND (o.customer_id = %(customer)s OR o.id = %(order)s)
               GROUP BY 1""",
            {"customer": customer_id, "order": order_id, "rules": list(rule_ids)},
        )
        return {row[0]: (row[1], row[2]) for row in cursor.fetchall()}


def _issued_rules(
    *, named: Collection[str], channel: str, customer_id: int | None, order_id: int | None
) -> list[tuple[pricing.PriceRule, str]]:
    """Codes of a single use among those named, each as a rule of its own, with the currency that its amounts need.

    A code that belongs to somebody else is left out, as if nobody knew it; a guest is asked when the order is placed.
    """
    if not named:
        return []
    found = Coupon.objects.filter(code__in=named, voided_at__isnull=True, rule__is_active=True, rule__is_issued=True)
    if customer_id is not None:
        found = found.filter(Q(is_bound=False) | Q(customer_id=customer_id))
    rows = found.filter(Q(rule__channels=[]) | Q(rule__channels__contains=[channel])).select_related("rule")
    own = _own_coupons(order_id=order_id)
    rules = []
    for coupon in rows.order_by("pk"):
        terms = _terms(coupon.rule)
        ends = [end for end in (terms.ends_at, coupon.expires_at) if end is not None]
        engine_rule = _engine_rule(
            replace(terms, code=coupon.code, ends_at=min(ends, default=None)),
            uses_left=1 - coupon.uses_count + (coupon.pk in own),
            customer_uses_left=None,
        )
        has_amount = terms.amount_minor or terms.minimum_goods_minor or terms.maximum_discount_minor is not None
        rules.append((engine_rule, terms.currency if has_amount else ""))
    return rules


def _own_coupons(*, order_id: int | None) -> set[int]:
    """Codes of a single use that the order uses itself."""
    if order_id is None:
        return set()
    used = PriceRuleUse.objects.filter(order_id=order_id, coupon__isnull=False).values_list("coupon_id")
    return {coupon_id for coupon_id, uses in used.annotate(many=Sum("uses")) if coupon_id and uses > 0}


def _used_counts(rules: Sequence[PriceRule]) -> dict[int, int]:
    counts = {rule.pk: rule.uses_count for rule in rules if _is_limited(rule)}
    unlimited = [rule.pk for rule in rules if rule.pk not in counts]
    if unlimited:
        with connection.cursor() as cursor:
            cursor.execute(_COUNT_USES, [unlimited])
            counts |= dict(cursor.fetchall())
    return counts


def _uses_so_far(rule_id: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(sum(uses), 0)::int FROM orders_priceruleuse WHERE rule_id = %s", [rule_id])
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def _audit(*, actor: str, action: str, terms: NewPriceRule) -> None:
    details = {"name": terms.name, "kind": terms.kind, "is_coupon": terms.is_coupon}
    details |= {"share": str(terms.share)} if terms.share is not None else {}
    details |= {"amount_minor": terms.amount_minor} if terms.amount_minor else {}
    details |= {"maximum_uses": terms.maximum_uses} if terms.maximum_uses is not None else {}
    record_audit(actor=actor, action=action, subject_kind="price", subject_key=terms.code, details=details)
