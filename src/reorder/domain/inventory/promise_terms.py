"""Reads and writes what a merchant decided about promises: terms of selling, reserves, fresh goods."""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import F, QuerySet

from reorder.domain.inventory.promise_models import FreshnessRule, Reserve, SellingTerm
from reorder.domain.inventory.promise_rules import (
    FreshDays,
    PromiseRules,
    ReserveRow,
    SellingTerms,
    pick_fresh_days,
)
from reorder.domain.storage import fetch_prepared, take_transaction_locks

# One look for everything: on the way of every order. The way up from a product's category is walked only where some
# category has a rule; 1000 is deeper than any category lies.
_RULES: Final = """
WITH RECURSIVE line (product_id, category_id, depth) AS (
    SELECT id, category_id, 1 FROM catalog_product
    WHERE id = ANY(%(product_ids)s::bigint[]) AND category_id IS NOT NULL
      AND EXISTS (SELECT FROM inventory_freshnessrule WHERE category_id IS NOT NULL)
    UNION ALL
    SELECT line.product_id, category.parent_id, line.depth + 1
    FROM line JOIN catalog_category AS category ON category.id = line.category_id
    WHERE category.parent_id IS NOT NULL
)
SELECT 'fresh', line.product_id, jsonb_build_array(rule.channel <> '', line.depth, rule.minimum_days)
FROM inventory_freshnessrule AS rule JOIN line ON line.category_id = rule.category_id
WHERE rule.channel IN ('', %(channel)s::text)
UNION ALL
SELECT 'fresh', given.id, jsonb_build_array(rule.channel <> '', CASE WHEN rule.product_id IS NULL THEN 1000 ELSE 0 END,
                                            rule.minimum_days)
FROM inventory_freshnessrule AS rule, unnest(%(product_ids)s::bigint[]) AS given (id)
WHERE rule.channel IN ('', %(channel)s::text) AND rule.category_id IS NULL
  AND (rule.product_id IS NULL OR rule.product_id = given.id)
UNION ALL
SELECT 'reserve', reserve.product_id, jsonb_build_array(place.code, reserve.units::text, reserve.segments,
                                                        reserve.ends_at)
FROM inventory_reserve AS reserve JOIN inventory_place AS place ON place.id = reserve.place_id
WHERE reserve.product_id = ANY(%(product_ids)s::bigint[]) AND reserve.ends_at > %(now)s::timestamptz
UNION ALL
SELECT 'waiting', waiting.product_id, jsonb_build_array(place.code, waiting.kind, sum(waiting.units)::text)
FROM inventory_backorder AS waiting JOIN inventory_place AS place ON place.id = waiting.place_id
WHERE waiting.product_id = ANY(%(product_ids)s::bigint[]) GROUP BY waiting.product_id, place.code, waiting.kind
UNION ALL
SELECT 'term', product_id, to_jsonb(term) || jsonb_build_object(
           'backorder_limit_units', backorder_limit_units::text, 'preorder_limit_units', preorder_limit_units::text)
FROM inventory_sellingterm AS term WHERE product_id = ANY(%(product_ids)s::bigint[])
"""
_DAYS: Final = ("backorder_until_date", "preorder_from_date", "preorder_until_date", "release_date")


def rules_for(*, channel: str, product_ids: Sequence[int], moment: dt.datetime) -> PromiseRules:
    """What an order of this channel for these products must heed now; one statement."""
    rows = fetch_prepared(
        statement=_RULES, parameters={"channel": channel, "product_ids": list(product_ids), "now": moment}
    )
    by_tag: dict[str, list[tuple[int, Any]]] = {}
    for tag, product_id, said in rows:
        # Django leaves JSON to its own fields.
        by_tag.setdefault(tag, []).append((product_id, json.loads(said)))
    waiting: dict[tuple[str, int], Decimal] = {}
    of_kind: dict[tuple[str, int], Decimal] = {}
    for product_id, (place, kind, units) in by_tag.get("waiting", ()):
        waiting[place, product_id] = waiting.get((place, product_id), Decimal(0)) + Decimal(units)
        of_kind[kind, product_id] = of_kind.get((kind, product_id), Decimal(0)) + Decimal(units)
    return PromiseRules(
        today=moment.astimezone(ZoneInfo(settings.REORDER.time_zone)).date(),
        fresh_days=pick_fresh_days(fitting=[FreshDays(product, *said) for product, said in by_tag.get("fresh", ())]),
        reserves=[_reserve(product, said) for product, said in by_tag.get("reserve", ())],
        terms={product: _terms(product, said, of_kind) for product, said in by_tag.get("term", ())},
        waiting_units=waiting,
    )


def rules_to_promise_by(*, channel: str, product_ids: Sequence[int], moment: dt.datetime) -> PromiseRules:
    """`rules_for` for who promises by them: where only so many may wait, orders come singly until it commits."""
    rules = rules_for(channel=channel, product_ids=product_ids, moment=moment)
    if not rules.has_limits:
        return rules
    take_transaction_locks(names=["inventory.waiting"])
    return rules_for(channel=channel, product_ids=product_ids, moment=moment)


def _reserve(product_id: int, said: Sequence[Any]) -> ReserveRow:
    place, units, segments, ends_at = said
    return ReserveRow(place, product_id, Decimal(units), tuple(segments), dt.datetime.fromisoformat(ends_at))


def _terms(product_id: int, said: dict[str, Any], waiting: dict[tuple[str, int], Decimal]) -> SellingTerms:
    return SellingTerms(
        product_id=product_id,
        allows_backorder=said["allows_backorder"],
        backorder_limit_units=_units(said["backorder_limit_units"]),
        wait_days=said["wait_days"],
        preorder_limit_units=_units(said["preorder_limit_units"]),
        backordered_units=waiting.get(("backorder", product_id), Decimal(0)),
        preordered_units=waiting.get(("preorder", product_id), Decimal(0)),
        **{name: dt.date.fromisoformat(said[name]) if said[name] else None for name in _DAYS},
    )


def _units(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


@dataclass(frozen=True, slots=True)
class FreshRow:
    """A rule of freshness as it is shown; empty channel: all; no category: one product, or everything."""

    id: int
    channel: str
    minimum_days: int
    category: str | None
    category_code: str | None


def put_selling_terms(*, terms: SellingTerms, decided_by: str, moment: dt.datetime) -> None:
    """From now on the product is sold so; terms that allow nothing and name no release are forgotten."""
    SellingTerm.objects.filter(product_id=terms.product_id).delete()
    if not terms.allows_backorder and terms.release_date is None:
        return
    SellingTerm.objects.create(
        product_id=terms.product_id,
        allows_backorder=terms.allows_backorder,
        backorder_limit_units=terms.backorder_limit_units,
        backorder_until_date=terms.backorder_until_date,
        wait_days=terms.wait_days,
        preorder_from_date=terms.preorder_from_date,
        preorder_until_date=terms.preorder_until_date,
        release_date=terms.release_date,
        preorder_limit_units=terms.preorder_limit_units,
        decided_by=decided_by,
        decided_at=moment,
    )


def put_reserve(
    *,
    product_id: int,
    place_id: int,
    units: Decimal,
    segments: Sequence[str],
    ends_at: dt.datetime,
    decided_by: str,
    moment: dt.datetime,
) -> None:
    """Keep the last units of a product at a place for customers of these segments until a moment."""
    Reserve.objects.update_or_create(
        product_id=product_id,
        place_id=place_id,
        defaults={
            "units": units,
            "segments": list(segments),
            "ends_at": ends_at,
            "decided_by": decided_by,
            "decided_at": moment,
        },
    )


def drop_reserve(*, product_id: int, place_id: int) -> bool:
    """Everybody may take the last units again; False when none were kept."""
    return bool(Reserve.objects.filter(product_id=product_id, place_id=place_id).delete()[0])


def put_fresh_days(
    *,
    minimum_days: int,
    channel: str,
    decided_by: str,
    moment: dt.datetime,
    product_id: int | None = None,
    category_id: int | None = None,
) -> None:
    """Goods of a product, a category or all must keep so many days when promised to a channel; '' is all."""
    FreshnessRule.objects.update_or_create(
        channel=channel,
        product_id=product_id,
        category_id=category_id,
        defaults={"minimum_days": minimum_days, "decided_by": decided_by, "decided_at": moment},
    )


def drop_fresh_days(*, rule_id: int, product_id: int | None) -> bool:
    """Forget a rule of this product, or a general one; False when it was gone already."""
    return bool(_of_product(product_id).filter(pk=rule_id).delete()[0])


def list_reserves(*, product_id: int) -> list[ReserveRow]:
    """What is kept of a product, by place, ended ones too."""
    found = Reserve.objects.filter(product_id=product_id).select_related("place").order_by("place__code")
    return [ReserveRow(one.place.code, product_id, one.units, tuple(one.segments), one.ends_at) for one in found]


def list_fresh_rules(*, product_id: int | None) -> list[FreshRow]:
    """The rules of one product; None: those of categories and of everything."""
    found = _of_product(product_id).order_by(F("category__name").asc(nulls_first=True), "category__code", "channel")
    names = ("pk", "channel", "minimum_days", "category__name", "category__code")
    return [FreshRow(*row) for row in found.values_list(*names)]


def _of_product(product_id: int | None) -> QuerySet[FreshnessRule]:
    rules = FreshnessRule.objects.all()
    return rules.filter(product__isnull=True) if product_id is None else rules.filter(product_id=product_id)
