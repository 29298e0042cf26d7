"""Suppliers of a tea shop, their offers, and proposals to buy from them."""

import datetime as dt
from decimal import Decimal

import polars as pl

from reorder.domain.catalog.models import Product
from reorder.domain.planning import operations as planning
from reorder.domain.purchasing import operations
from reorder.domain.purchasing.models import Proposal
from reorder.domain.purchasing.rules import NewOffer, NewSupplier
from tests.factories.inventory import KEELUNG

ALISHAN = "ALISHAN"
MONDAY = dt.date(2026, 11, 23)
MONDAY_MORNING = dt.datetime(2026, 11, 23, 1, 30, tzinfo=dt.UTC)  # 09:30 in Taipei
BUYER = "mei"


def make_supplier(
    *,
    code: str = ALISHAN,
    name: str = "Alishan Tea Farm",
    email: str = "orders@alishan.example",
    lead_days: int = 5,
    currency: str = "TWD",
    order_weekdays: tuple[int, ...] = (),
    language: str = "en",
) -> None:
    operations.save_suppliers(
        suppliers=[
            NewSupplier(
                code=code,
                name=name,
                email=email,
                lead_days=lead_days,
                currency=currency,
                order_weekdays=order_weekdays,
                language=language,
            )
        ]
    )


def make_offer(
    *,
    sku: str = "OOLONG-150",
    supplier: str = ALISHAN,
    unit_cost_minor: int = 20_000,
    pack: int = 1,
    minimum: int = 1,
    supplier_sku: str = "",
    lead_days: int | None = None,
) -> None:
    operations.save_offers(
        offers=[
            NewOffer(
                supplier_code=supplier,
                sku=sku,
                unit_cost_minor=unit_cost_minor,
                pack_units=Decimal(pack),
                minimum_units=Decimal(minimum),
                supplier_sku=supplier_sku,
                lead_days=lead_days,
            )
        ]
    )


def proposal_lines(*lines: tuple[str, float], supplier: str = ALISHAN, place: str = KEELUNG) -> pl.DataFrame:
    """Lines as a restock plan gives them, from (SKU, units)."""
    return pl.DataFrame(
        {
            "sku": [sku for sku, _ in lines],
            "place": place,
            "supplier": supplier,
            "units": [units for _, units in lines],
            "order_by_date": MONDAY,
            "position_units": 3.0,
            "reorder_point_units": 10.0,
            "daily_units": 2.0,
            "risk_minor": [int(units) * 1_000 for _, units in lines],
            "reason_code": "stocking.order.up_to_level",
            "reason_parameters": '{"position": "3", "reorder_point": "10", "units": "9", "reached": "12"}',
        },
        schema_overrides={"units": pl.Float64, "sku": pl.String, "risk_minor": pl.Int64},
    )


def propose(*lines: tuple[str, float], supplier: str = ALISHAN, place: str = KEELUNG, run_key: int = 1) -> list[int]:
    """Open proposals for (SKU, units) of one supplier; other proposals stay. Returns their ids in the given order."""
    frame = proposal_lines(*lines, supplier=supplier, place=place)
    operations.record_proposals(run_key=run_key, lines=frame, looked_at=frame.select("sku", "place"))
    ids = dict(
        Proposal.objects.filter(state="open", place__code=place).values_list("product__sku", "pk"),
    )
    return [ids[sku] for sku, _ in lines]


def make_target(
    *products: Product, reorder_point: float = 10.0, order_up_to: float = 30.0, place: str = KEELUNG
) -> int:
    """Targets of a night for these products; returns the run's id."""
    run = planning.open_run(kind="night", as_of_date=MONDAY, moment=MONDAY_MORNING)
    planning.save_targets(
        run_id=run.id,
        targets=pl.DataFrame(
            {
                "sku": [product.sku for product in products],
                "place": place,
                "service_level": 0.95,
                "safety_stock_units": 4.0,
                "reorder_point_units": reorder_point,
                "order_up_to_units": order_up_to,
                "daily_units": 1.0,
                "expected_units": reorder_point - 4.0,
                "committed_units": 0.0,
                "lead_days": 5.0,
                "lost_unit_cost": 250.0,
                "method": "quantile",
                "reason_code": "stocking.target.no_demand",
                "reason_parameters": '{"observed_days": "90"}',
            }
        ),
    )
    return run.id
