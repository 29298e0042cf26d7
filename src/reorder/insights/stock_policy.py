"""What buyers ask about stock as a whole: what service levels cost, what stands too long, what a budget pays for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl
from django.conf import settings

from reorder.domain.planning import service_policies
from reorder.domain.planning.service_policies import ServiceCostRow, ServicePolicyRow
from reorder.domain.purchasing import transfers
from reorder.domain.purchasing.errors import UnknownTransfer
from reorder.domain.purchasing.transfers import TransferRow
from reorder.domain.staff.rules import Ability, Actor
from reorder.engine import stocking
from reorder.engine.stocking import BudgetPlan
from reorder.insights.reading import read_rows
from reorder.kernel.money import minor_digits

# Days of demand above the order-up-to level that nobody calls excess yet.
EXCESS_COVER_DAYS: Final = 60
# A budget is for a week: what is left out is thought to be ordered a week later.
BUDGET_DAYS: Final = 7
# The same rule as `stocking.find_excess`, in the database, so that a page takes only the rows that it shows.
_EXCESS: Final = """
WITH stock AS (
    SELECT level.product_id, place.code AS place,
           sum(CASE WHEN location.kind = 'stock' THEN level.on_hand_units - level.allocated_units - level.held_units
                    ELSE 0 END)::float8 AS free,
           sum(CASE WHEN location.kind = 'stock' THEN level.on_hand_units - level.allocated_units - level.held_units
                    WHEN location.kind = 'incoming' THEN level.on_hand_units ELSE 0 END)::float8 AS position
    FROM inventory_level AS level
    JOIN inventory_location AS location ON location.id = level.location_id
    JOIN inventory_place AS place ON place.id = location.place_id AND place.is_active
    WHERE level.owner = 'self' GROUP BY level.product_id, place.code
), counted AS (
    SELECT product.id, product.sku, product.name, product.currency, stock.place, stock.free, stock.position,
           coalesce(target.order_up_to_units, 0) AS level, coalesce(target.daily_units, 0) AS daily,
           floor(least(stock.free, stock.position - coalesce(target.order_up_to_units, 0)
                                   - %(days)s * coalesce(target.daily_units, 0))) AS excess,
           coalesce(product.unit_cost_minor, 0) AS cost
    FROM stock JOIN catalog_product AS product ON product.id = stock.product_id AND product.planned_by = 'product'
    LEFT JOIN planning_target AS target ON target.subject = product.sku AND target.place_code = stock.place
    WHERE stock.free > 0 AND (%(places)s::text[] = '{}' OR stock.place = ANY(%(places)s::text[]))
)
SELECT id, sku, name, currency, place, free, position, level, daily, excess,
       (excess * cost)::bigint AS value_minor, CASE WHEN daily > 0 THEN position / daily / 7 END AS weeks,
       count(*) OVER () AS all_count, (sum(excess * cost) OVER ())::bigint AS all_minor
FROM counted WHERE excess >= 1
ORDER BY value_minor DESC, sku, place OFFSET 0 LIMIT %(limit)s
"""
_PROPOSED: Final = """
SELECT product.sku, product.name, place.code AS place, supplier.name AS supplier, proposal.units::float8 AS units,
       proposal.unit_cost_minor, proposal.position_units, coalesce(offer.pack_units, 1)::float8 AS pack_units,
       coalesce(offer.minimum_units, 0)::float8 AS minimum_units, coalesce(target.expected_units, 0) AS expected_units,
       coalesce(standing.deviation_units, 0) AS deviation_units, coalesce(target.daily_units, 0) AS daily_units,
       coalesce(target.lost_unit_cost, 0) AS lost_unit_cost
FROM purchasing_proposal AS proposal
JOIN catalog_product AS product ON product.id = proposal.product_id
JOIN inventory_place AS place ON place.id = proposal.place_id
JOIN purchasing_supplier AS supplier ON supplier.id = proposal.supplier_id
LEFT JOIN purchasing_offer AS offer ON offer.supplier_id = supplier.id AND offer.product_id = product.id
LEFT JOIN planning_target AS target ON target.subject = product.sku AND target.place_code = place.code
LEFT JOIN planning_standing AS standing ON standing.product_id = product.id AND standing.place_code = place.code
WHERE proposal.state = 'open' AND proposal.currency = %(currency)s
  AND (%(places)s::text[] = '{}' OR place.code = ANY(%(places)s::text[]))
ORDER BY product.sku, place.code
"""


@dataclass(frozen=True, slots=True)
class PolicyView:
    """The policy that counts (None: the settings'), and what levels would cost by class."""

    policy: ServicePolicyRow | None
    costs: Sequence[ServiceCostRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExcessRow:
    product_id: int
    sku: str
    name: str
    place: str
    excess_units: float
    position_units: float
    order_up_to_units: float
    weeks: float | None
    value_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class ExcessList:
    """The rows with most money, and how many and how much there are in all."""

    rows: Sequence[ExcessRow]
    all_count: int
    all_minor: int


@dataclass(frozen=True, slots=True)
class BudgetView:
    """What a budget pays for; `names` by SKU, `suppliers` by SKU and place."""

    plan: BudgetPlan
    names: dict[str, str]
    suppliers: dict[tuple[str, str], str]


def see_policy(*, actor: Actor) -> PolicyView:
    """Raises NotAllowed."""
    actor.require(Ability.VIEW_BUYING)
    return PolicyView(service_policies.find_service_policy(), service_policies.list_service_costs())


def see_excess(*, actor: Actor, limit: int) -> ExcessList:
    """Stock beyond level and cover at the actor's places, the most money first. Raises NotAllowed."""
    actor.require(Ability.VIEW_BUYING)
    found = read_rows(
        statement=_EXCESS,
        parameters={"days": EXCESS_COVER_DAYS, "limit": limit, "places": sorted(actor.place_codes)},
    )
    rows = [
        ExcessRow(
            product_id=row["id"],
            sku=row["sku"],
            name=row["name"],
            place=row["place"],
            excess_units=row["excess"],
            position_units=row["position"],
            order_up_to_units=row["level"],
            weeks=row["weeks"],
            value_minor=row["value_minor"],
            currency=row["currency"],
        )
        for row in found
    ]
    if not found:
        return ExcessList(rows, 0, 0)
    return ExcessList(rows, found[0]["all_count"], found[0]["all_minor"])


def see_budget(*, actor: Actor, budget_minor: int) -> BudgetView:
    """What of the open proposals in the shop's currency a budget pays for. Raises NotAllowed."""
    actor.require(Ability.VIEW_BUYING)
    currency = settings.REORDER.currency
    minor = 10 ** minor_digits(currency=currency)
    found = read_rows(statement=_PROPOSED, parameters={"currency": currency, "places": sorted(actor.place_codes)})
    plan = stocking.fit_budget(lines=budget_lines(rows=found, minor_in_major=minor), budget=budget_minor / minor)
    return BudgetView(
        plan=plan,
        names={row["sku"]: row["name"] for row in found},
        suppliers={(row["sku"], row["place"]): row["supplier"] for row in found},
    )


def budget_lines(*, rows: Sequence[dict[str, object]], minor_in_major: int) -> pl.DataFrame:
    """Open proposals as `stocking.fit_budget` takes them: demand runs a week longer than lead time + review; pure."""
    kinds = {
        "sku": pl.String, "place": pl.String, "units": pl.Float64, "pack_units": pl.Float64,
        "minimum_units": pl.Float64, "unit_cost_minor": pl.Int64, "position_units": pl.Float64,
        "expected_units": pl.Float64, "deviation_units": pl.Float64, "daily_units": pl.Float64,
        "lost_unit_cost": pl.Float64,
    }  # fmt: skip
    frame = pl.DataFrame([{name: row[name] for name in kinds} for row in rows], schema=kinds)
    more = BUDGET_DAYS * pl.col("daily_units")
    longer = pl.when(pl.col("expected_units") > 0).then(1 + more / pl.col("expected_units")).otherwise(1.0)
    return frame.with_columns(
        (pl.col("unit_cost_minor") / minor_in_major).alias("unit_cost"),
        (pl.col("expected_units") + more).alias("expected_units"),
        (pl.col("deviation_units") * longer.sqrt()).alias("deviation_units"),
    )


def see_transfers(*, actor: Actor, state: str) -> list[TransferRow]:
    """Transfers in a state at the actor's places. Raises NotAllowed."""
    actor.require(Ability.VIEW_BUYING)
    return transfers.list_transfers(state=state, place_codes=actor.place_codes)


def refuse_other_transfers(*, actor: Actor, state: str, transfer_ids: Sequence[int]) -> None:
    """Raises UnknownTransfer for one that this actor may not see; one in another state is left to its operation."""
    if not actor.place_codes:
        return
    seen = {row.id for row in transfers.list_transfers(state=state, place_codes=actor.place_codes, limit=100_000)}
    for transfer_id in transfer_ids:
        if transfer_id not in seen:
            raise UnknownTransfer(transfer_id=transfer_id)
