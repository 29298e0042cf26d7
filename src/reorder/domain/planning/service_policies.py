"""How the shop chooses service levels, decided by people and kept for ever, and what each level would cost and gain."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import polars as pl
from django.db import transaction

from reorder.domain.planning.errors import BadServicePolicyChoice
from reorder.domain.planning.models import ServiceCost, ServicePolicy
from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import copy_frame, run_sql

KINDS: Final = ("fixed", "abc_xyz", "margin", "fill_rate")
METHODS: Final = ("quantile", "forecast", "textbook", "textbook_lead_time_variance")
LONGEST_REVIEW_DAYS: Final = 90
MOST_HOLDING: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicePolicyChoice:
    """What a person chose; empty numbers are those of the settings."""

    kind: str = "fixed"
    service_level: float
    class_levels: Mapping[str, float] = field(default_factory=dict)
    method: str = "quantile"
    review_days: int | None = None
    holding_share_per_year: float | None = None
    order_cost_minor: int | None = None
    sells_probability: float = 0.9
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicePolicyRow:
    choice: ServicePolicyChoice
    decided_by: str
    decided_at: dt.datetime


@dataclass(frozen=True, slots=True)
class ServiceCostRow:
    class_code: str
    service_level: float
    products_count: int
    stock_value: float
    holding_cost_per_year: float
    lost_margin_per_year: float
    fill_rate: float | None


_FIELDS: Final = (
    "kind", "service_level", "class_levels", "method", "review_days", "holding_share_per_year", "order_cost_minor",
    "sells_probability", "note",
)  # fmt: skip


def find_service_policy() -> ServicePolicyRow | None:
    """The latest choice; None while nobody has chosen."""
    rows = list_service_policies(limit=1)
    return rows[0] if rows else None


def list_service_policies(*, limit: int) -> list[ServicePolicyRow]:
    """Choices, the latest first."""
    return [
        ServicePolicyRow(
            choice=ServicePolicyChoice(**{name: getattr(row, name) for name in _FIELDS}),
            decided_by=row.decided_by,
            decided_at=row.decided_at,
        )
        for row in ServicePolicy.objects.order_by("-pk")[:limit]
    ]


def set_service_policy(*, choice: ServicePolicyChoice, decided_by: str) -> None:
    """Keep a new choice; it counts from the next night on. Raises BadServicePolicyChoice."""
    _refuse_bad(choice=choice)
    values = {name: getattr(choice, name) for name in _FIELDS}
    values |= {"class_levels": dict(choice.class_levels), "note": choice.note.strip()}
    with transaction.atomic():
        ServicePolicy.objects.create(**values, decided_by=decided_by)
        record_audit(
            actor=decided_by,
            action="planning.set_service_policy",
            subject_kind="demand",
            subject_key=choice.kind,
            details={"service_level": choice.service_level, "method": choice.method, "note": values["note"]},
        )


def save_service_costs(*, run_id: int, costs: pl.DataFrame) -> int:
    """Replace what levels cost; columns as `stocking.price_service_levels` gives them."""
    run_sql(statement="DELETE FROM planning_servicecost")
    columns = [
        "class_code", "service_level", "products_count", "stock_value", "holding_cost_per_year",
        "lost_margin_per_year", "fill_rate",
    ]  # fmt: skip
    return copy_frame(
        table="planning_servicecost",
        frame=costs.with_columns(pl.lit(run_id).alias("run_id")).select("run_id", *columns),
    )


def list_service_costs() -> list[ServiceCostRow]:
    """Every class at every priced level, by class and level."""
    names = ("class_code", "service_level", "products_count", "stock_value", "holding_cost_per_year",
             "lost_margin_per_year", "fill_rate")  # fmt: skip
    return [ServiceCostRow(*row) for row in ServiceCost.objects.order_by(*names[:2]).values_list(*names)]


def _refuse_bad(*, choice: ServicePolicyChoice) -> None:
    levels = [choice.service_level, choice.sells_probability, *choice.class_levels.values()]
    review, holding, cost = choice.review_days, choice.holding_share_per_year, choice.order_cost_minor
    reasons = (
        (choice.kind not in KINDS, "there is no such kind"),
        (choice.method not in METHODS, "there is no such method"),
        (any(not 0 < level < 1 for level in levels), "a service level lies above 0 and below 100 %"),
        (review is not None and not 1 <= review <= LONGEST_REVIEW_DAYS, "review days lie from 1 to 90"),
        (holding is not None and not 0 <= holding <= MOST_HOLDING, "keeping costs from 0 to 500 % a year"),
        (cost is not None and cost < 0, "an order cannot cost less than nothing"),
    )
    for is_wrong, reason in reasons:
        if is_wrong:
            raise BadServicePolicyChoice(reason=reason)
