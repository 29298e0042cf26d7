"""Writes of fulfilment orders and of the decisions that made them."""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from reorder.domain.storage import fetch_prepared

_ADD = """
WITH given AS MATERIALIZED (
    SELECT nextval(pg_get_serial_sequence('warehouse_fulfilmentorder', 'id')) AS id, row.*, place.id AS place_id
    FROM jsonb_to_recordset(%(fulfilments)s::jsonb) AS row (
        order_id bigint, place_code text, state text, service_code text, cost_minor bigint, ship_by_at timestamptz,
        lines jsonb)
    JOIN inventory_place AS place ON place.code = row.place_code
), added AS (
    INSERT INTO warehouse_fulfilmentorder (id, order_id, place_id, state, service_code, cost_minor, ship_by_at)
    OVERRIDING SYSTEM VALUE
    SELECT id, order_id, place_id, state, service_code, cost_minor, ship_by_at FROM given ORDER BY id
), lines AS (
    INSERT INTO warehouse_fulfilmentline (fulfilment_id, order_line_id, product_id, units)
    SELECT given.id, line.order_line_id, line.product_id, line.units
    FROM given, jsonb_to_recordset(given.lines) AS line (order_line_id bigint, product_id bigint, units numeric)
    ORDER BY given.id, line.order_line_id, line.product_id
), decisions AS (
    INSERT INTO warehouse_routingdecision (order_id, decided_at, cause, places, candidates, cost_minor, reason)
    SELECT order_id, decided_at, cause, places, candidates, cost_minor, reason
    FROM jsonb_to_recordset(%(decisions)s::jsonb) AS row (
        order_id bigint, decided_at timestamptz, cause text, places jsonb, candidates jsonb, cost_minor bigint,
        reason text)
)
SELECT order_id, place_code, id FROM given ORDER BY id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFulfilmentLine:
    """Selling units of a product that a place sends for an order line."""

    order_line_id: int
    product_id: int
    units: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFulfilment:
    """What one place is to do for an order; state `waiting` when its goods are still to come."""

    order_id: int
    place_code: str
    lines: tuple[NewFulfilmentLine, ...]
    state: str = "allocated"
    service_code: str = ""
    cost_minor: int | None = None
    ship_by_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDecision:
    """Why these places serve an order: what was considered, at what cost; `places` by order line number."""

    order_id: int
    decided_at: dt.datetime
    cause: str
    places: dict[str, str]
    candidates: Sequence[dict[str, Any]]
    cost_minor: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class AddedFulfilment:
    """A fulfilment order that was written."""

    order_id: int
    place_code: str
    id: int


def add_fulfilments(*, fulfilments: Sequence[NewFulfilment], decisions: Sequence[NewDecision]) -> list[AddedFulfilment]:
    """Write fulfilment orders with their lines, and the decisions behind them, in one statement."""
    given = {
        "fulfilments": json.dumps([_fulfilment(one) for one in fulfilments]),
        "decisions": json.dumps([_decision(one) for one in decisions], ensure_ascii=False),
    }
    return [AddedFulfilment(*row) for row in fetch_prepared(statement=_ADD, parameters=given)]


def _fulfilment(one: NewFulfilment) -> dict[str, Any]:
    return {
        "order_id": one.order_id,
        "place_code": one.place_code,
        "state": one.state,
        "service_code": one.service_code,
        "cost_minor": one.cost_minor,
        "ship_by_at": one.ship_by_at.isoformat() if one.ship_by_at else None,
        "lines": [
            {"order_line_id": line.order_line_id, "product_id": line.product_id, "units": str(line.units)}
            for line in one.lines
        ],
    }


def _decision(one: NewDecision) -> dict[str, Any]:
    return {
        "order_id": one.order_id,
        "decided_at": one.decided_at.isoformat(),
        "cause": one.cause,
        "places": one.places,
        "candidates": list(one.candidates),
        "cost_minor": one.cost_minor,
        "reason": one.reason,
    }
