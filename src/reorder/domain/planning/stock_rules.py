"""Rules that a person laid down for one product's stock: least and most units, service level, method; each audited.

A rule of a place wins over that of all places as a whole: what it leaves open is open, not filled from the other.
"""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final

import polars as pl
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from reorder.domain.planning.errors import BadStockRule, UnknownStockRule
from reorder.domain.planning.models import StockRule
from reorder.domain.planning.rules import ALL_PLACES, MOST_UNITS
from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import read_frame

METHODS: Final = ("", "quantile", "forecast", "textbook", "textbook_lead_time_variance")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewStockRule:
    """What a person lays down; empty means: left to the shop's policy. `place_code` is `*` for all places."""

    subject: str
    place_code: str = ALL_PLACES
    minimum_units: float | None = None
    maximum_units: float | None = None
    service_level: float | None = None
    method: str = ""
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StockRuleRow:
    subject: str
    place_code: str
    minimum_units: float | None
    maximum_units: float | None
    service_level: float | None
    method: str
    note: str
    author: str
    recorded_at: dt.datetime


_FIELDS: Final = tuple(field.name for field in fields(StockRuleRow))


def set_stock_rule(*, rule: NewStockRule, author: str) -> StockRuleRow:
    """Lay a rule down, in the place of the one that stands for the same product and place. Raises BadStockRule."""
    _refuse_bad(rule=rule)
    values = asdict(rule) | {"note": rule.note.strip(), "author": author}
    key = {"subject": values.pop("subject"), "place_code": values.pop("place_code")}
    with transaction.atomic():
        before = StockRule.objects.select_for_update().filter(**key).values(*_FIELDS).first()
        StockRule.objects.update_or_create(**key, defaults=values | {"recorded_at": Now()})
        _record(author=author, action="planning.set_stock_rule", key=key, before=before, after=values)
        return _row(StockRule.objects.get(**key))


def clear_stock_rule(*, subject: str, place_code: str, author: str) -> None:
    """Take a rule back: the shop's policy counts again. Raises UnknownStockRule."""
    key = {"subject": subject, "place_code": place_code}
    with transaction.atomic():
        before = StockRule.objects.select_for_update().filter(**key).values(*_FIELDS).first()
        if before is None:
            raise UnknownStockRule(subject=subject)
        StockRule.objects.filter(**key).delete()
        _record(author=author, action="planning.clear_stock_rule", key=key, before=before, after={})


def find_stock_rule(*, subject: str, place_code: str) -> StockRuleRow | None:
    """The rule that counts for a product at a place: its own, else that of all places, else none."""
    found = StockRule.objects.filter(subject=subject, place_code__in=[place_code, ALL_PLACES])
    rows = {row.place_code: _row(row) for row in found}
    return rows.get(place_code) or rows.get(ALL_PLACES)


def rules_of(*, keys: Collection[tuple[str, str]]) -> dict[tuple[str, str], StockRuleRow]:
    """The rule that counts for each of these products at places that has one: its own, else that of all places."""
    found = StockRule.objects.filter(
        subject__in={subject for subject, _ in keys}, place_code__in={*(place for _, place in keys), ALL_PLACES}
    )
    rows = {(row.subject, row.place_code): _row(row) for row in found}
    counted = {key: rows.get(key) or rows.get((key[0], ALL_PLACES)) for key in keys}
    return {key: row for key, row in counted.items() if row is not None}


def list_stock_rules(
    *, subject: str | None = None, after: tuple[str, str] | None = None, limit: int = 100
) -> list[StockRuleRow]:
    """Rules by product and place; `after` is the key (subject, place_code) of the last row of the page before."""
    found = StockRule.objects.order_by("subject", "place_code")
    if subject is not None:
        found = found.filter(subject=subject)
    if after is not None:
        found = found.filter(Q(subject__gt=after[0]) | Q(subject=after[0], place_code__gt=after[1]))
    return [_row(row) for row in found[:limit]]


def frame_stock_rules() -> pl.DataFrame:
    """All rules: sku (subject), place (`*` for all), minimum_units, maximum_units, service_level, method, note."""
    return read_frame(
        query="""SELECT subject AS sku, place_code AS place, minimum_units, maximum_units, service_level, method, note
                 FROM planning_stockrule ORDER BY subject, place_code"""
    )


def resolve_stock_rules(*, rules: pl.DataFrame, keys: pl.DataFrame) -> pl.DataFrame:
    """`keys` (sku, place) with the columns of the rule that counts there, empty where none does; pure."""
    values = ["minimum_units", "maximum_units", "service_level", "method", "note"]
    own = rules.filter(pl.col("place") != ALL_PLACES).with_columns(is_own=pl.lit(value=True))
    general = rules.filter(pl.col("place") == ALL_PLACES).select("sku", *(pl.col(v).alias(f"_{v}") for v in values))
    joined = (
        keys.select("sku", "place")
        .join(own, on=["sku", "place"], how="left", maintain_order="left")
        .join(general, on="sku", how="left", maintain_order="left")
    )
    chosen = (pl.when(pl.col("is_own")).then(v).otherwise(f"_{v}").alias(v) for v in values)
    return joined.select("sku", "place", *chosen)


def _refuse_bad(*, rule: NewStockRule) -> None:
    least, most = rule.minimum_units, rule.maximum_units
    given = [units for units in (least, most) if units is not None]
    reasons = (
        (not rule.subject or not rule.place_code, "say for which product and place"),
        (any(not units >= 0 for units in given), "units must not be negative"),
        (any(not units < MOST_UNITS for units in given), "the number is larger than any stock can be"),
        (least is not None and most is not None and least > most, "the least is more than the most"),
        (
            rule.service_level is not None and not 0 < rule.service_level < 1,
            "a service level lies above 0 and below 100 %",
        ),
        (rule.method not in METHODS, "there is no such method"),
        (not given and rule.service_level is None and not rule.method, "lay down at least one thing"),
        (not rule.note.strip(), "say why in a few words"),
    )
    for is_wrong, reason in reasons:
        if is_wrong:
            raise BadStockRule(reason=reason)


def _record(
    *, author: str, action: str, key: Mapping[str, str], before: Mapping[str, Any] | None, after: Mapping[str, Any]
) -> None:
    kept = {name: value for name, value in (before or {}).items() if name not in {"recorded_at", *key}}
    record_audit(
        actor=author,
        action=action,
        subject_kind="product",
        subject_key=key["subject"],
        details={"place": key["place_code"], "before": kept} | dict(after),
    )


def _row(rule: StockRule) -> StockRuleRow:
    return StockRuleRow(**{name: getattr(rule, name) for name in _FIELDS})
