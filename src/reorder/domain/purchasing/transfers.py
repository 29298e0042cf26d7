"""Transfers between our places: proposed by a plan, sent by a person, received at the other end.

A lane says that goods may go from one place to another and what that costs; without lanes nothing is proposed.
"""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import polars as pl
from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from reorder.domain.inventory import queries as inventory
from reorder.domain.purchasing.errors import BadLane, TransferDecided, UnknownTransfer
from reorder.domain.purchasing.models import Transfer, TransferLane
from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import run_sql
from reorder.kernel.stored_json import read_json

OPEN, IN_TRANSIT, RECEIVED, DISMISSED = "open", "in_transit", "received", "dismissed"
MOST_COST_MINOR: Final = 10**12
_INSERT: Final = """
INSERT INTO purchasing_transfer (run_key, product_id, source_id, destination_id, units, saving_minor, cost_minor,
                                 reason_code, reason_parameters)
SELECT %(run_key)s, product.id, source.id, destination.id, given.units, given.saving, given.cost, given.code,
       given.parameters::jsonb
FROM unnest(%(sku)s::text[], %(source)s::text[], %(destination)s::text[], %(units)s::numeric[], %(saving)s::bigint[],
            %(cost)s::bigint[], %(code)s::text[], %(parameters)s::text[])
     AS given (sku, source, destination, units, saving, cost, code, parameters)
JOIN catalog_product AS product ON product.sku = given.sku
JOIN inventory_place AS source ON source.code = given.source
JOIN inventory_place AS destination ON destination.code = given.destination
ORDER BY given.sku, given.source, given.destination
"""
_OPEN_UNITS: Final = """
SELECT product.sku, place.code, sum(side.leaving)::float8, sum(side.arriving)::float8
FROM purchasing_transfer AS transfer
CROSS JOIN LATERAL (VALUES (transfer.source_id, transfer.units, 0), (transfer.destination_id, 0, transfer.units))
    AS side (place_id, leaving, arriving)
JOIN inventory_place AS place ON place.id = side.place_id
JOIN catalog_product AS product ON product.id = transfer.product_id
WHERE transfer.state = 'open' GROUP BY product.sku, place.code ORDER BY product.sku, place.code
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferRow:
    id: int
    product_id: int
    sku: str
    product_name: str
    source: str
    destination: str
    units: Decimal
    saving_minor: int
    cost_minor: int
    reason_code: str
    reason_parameters: dict[str, Any]
    state: str
    decided_by: str
    decided_at: dt.datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneRow:
    id: int
    source: str
    destination: str
    transfer_cost_minor: int
    unit_cost_minor: int
    decided_by: str


def list_lanes() -> list[LaneRow]:
    """Ways between places that are in use, by source and destination."""
    found = TransferLane.objects.filter(source__is_active=True, destination__is_active=True)
    rows = found.order_by("source__code", "destination__code").values(
        "id", "transfer_cost_minor", "unit_cost_minor", "decided_by", f_source=F("source__code"),
        f_destination=F("destination__code"),
    )  # fmt: skip
    return [
        LaneRow(
            id=row["id"],
            source=row["f_source"],
            destination=row["f_destination"],
            transfer_cost_minor=row["transfer_cost_minor"],
            unit_cost_minor=row["unit_cost_minor"],
            decided_by=row["decided_by"],
        )
        for row in rows
    ]


def set_lane(*, source: str, destination: str, transfer_cost_minor: int, unit_cost_minor: int, decided_by: str) -> None:
    """Let goods go from one place to another at this cost; again: change the cost. Raises BadLane."""
    known = {place.code: place for place in inventory.list_places() if place.kind != "supplier"}
    costs = (transfer_cost_minor, unit_cost_minor)
    reasons = (
        (source not in known or destination not in known, "choose two of your places"),
        (source == destination, "choose two different places"),
        (any(not 0 <= cost <= MOST_COST_MINOR for cost in costs), "a cost must not be negative"),
    )
    for is_wrong, reason in reasons:
        if is_wrong:
            raise BadLane(reason=reason)
    with transaction.atomic():
        TransferLane.objects.update_or_create(
            source_id=known[source].id,
            destination_id=known[destination].id,
            defaults={
                "transfer_cost_minor": transfer_cost_minor,
                "unit_cost_minor": unit_cost_minor,
                "decided_by": decided_by,
                "decided_at": Now(),
            },
        )
        record_audit(
            actor=decided_by,
            action="purchasing.set_lane",
            subject_kind="place",
            subject_key=source,
            details={"place": destination, "unit_cost_minor": unit_cost_minor},
        )


def remove_lane(*, lane_id: int, decided_by: str) -> None:
    """Propose nothing between these places any more. Raises BadLane."""
    with transaction.atomic():
        lane = TransferLane.objects.select_related("source", "destination").filter(pk=lane_id).first()
        if lane is None:
            raise BadLane(reason="it is gone already")
        TransferLane.objects.filter(pk=lane_id).delete()
        record_audit(
            actor=decided_by,
            action="purchasing.remove_lane",
            subject_kind="place",
            subject_key=lane.source.code,
            details={"place": lane.destination.code},
        )


def replace_open(*, run_key: int, lines: pl.DataFrame) -> int:
    """Make the lines of a plan the open transfers; the open ones of before are superseded. Amounts in minor units.

    Columns: sku, source, destination, units, saving_minor, cost_minor, reason_code, reason_parameters (JSON text).
    """
    Transfer.objects.filter(state=OPEN).update(state=Transfer.State.SUPERSEDED)
    if lines.is_empty():
        return 0
    return run_sql(
        statement=_INSERT,
        parameters={
            "run_key": run_key,
            "sku": lines["sku"].to_list(),
            "source": lines["source"].to_list(),
            "destination": lines["destination"].to_list(),
            "units": [str(round(units, 3)) for units in lines["units"].to_list()],
            "saving": lines["saving_minor"].to_list(),
            "cost": lines["cost_minor"].to_list(),
            "code": lines["reason_code"].to_list(),
            "parameters": lines["reason_parameters"].to_list(),
        },
    )


def list_transfers(*, state: str, place_codes: Collection[str] = (), limit: int = 300) -> list[TransferRow]:
    """Transfers in a state, those first that save most.

    With `place_codes` only between places of these; what is on the way belongs to its destination.
    """
    found = Transfer.objects.filter(state=state)
    if place_codes:
        found = found.filter(destination__code__in=place_codes)
        found = found if state == IN_TRANSIT else found.filter(source__code__in=place_codes)
    return _rows(found.order_by("-saving_minor", "id")[:limit])


def lock_transfers(*, transfer_ids: Sequence[int], state: str) -> list[TransferRow]:
    """These transfers, locked in order. Raises UnknownTransfer, TransferDecided when one is in another state."""
    locked = Transfer.objects.select_for_update(of=("self",)).filter(pk__in=transfer_ids).order_by("pk")
    rows = _rows(locked)
    missing = sorted(set(transfer_ids) - {row.id for row in rows})
    if missing:
        raise UnknownTransfer(transfer_id=missing[0])
    for row in rows:
        if row.state != state:
            raise TransferDecided(sku=row.sku)
    return rows


def mark_sent(*, transfer_ids: Sequence[int], moment: dt.datetime, decided_by: str) -> None:
    """Open transfers leave their source; part of the transaction of their moves."""
    Transfer.objects.filter(pk__in=transfer_ids, state=OPEN).update(
        state=IN_TRANSIT, decided_at=moment, decided_by=decided_by
    )


def mark_received(*, transfer_ids: Sequence[int], moment: dt.datetime, received_by: str) -> None:
    """Transfers on the way arrive; part of the transaction of their moves."""
    Transfer.objects.filter(pk__in=transfer_ids, state=IN_TRANSIT).update(
        state=RECEIVED, received_at=moment, received_by=received_by
    )


def mark_dismissed(*, transfer_ids: Sequence[int], moment: dt.datetime, decided_by: str) -> None:
    """Open transfers that a person does not want."""
    Transfer.objects.filter(pk__in=transfer_ids, state=OPEN).update(
        state=DISMISSED, decided_at=moment, decided_by=decided_by
    )


def frame_open_units() -> pl.DataFrame:
    """Units that open transfers would take and bring: sku, place, leaving_units, arriving_units.

    Read on Django's connection: a plan must see the transfers that it has just made.
    """
    with connection.cursor() as cursor:
        cursor.execute(_OPEN_UNITS)
        kinds = {"sku": pl.String, "place": pl.String, "leaving_units": pl.Float64, "arriving_units": pl.Float64}
        return pl.DataFrame(cursor.fetchall(), schema=kinds, orient="row")


def _rows(found: "QuerySet[Transfer]") -> list[TransferRow]:
    rows = found.values(
        "id", "product_id", "units", "saving_minor", "cost_minor", "reason_code", "reason_parameters", "state",
        "decided_by", "decided_at", sku=F("product__sku"), product_name=F("product__name"),
        source_code=F("source__code"), destination_code=F("destination__code"),
    )  # fmt: skip
    made = []
    for row in rows:
        told = row["reason_parameters"]
        facts: dict[str, Any] = {name: value for name, value in row.items() if not name.endswith("_code")}
        facts |= {
            "reason_code": row["reason_code"],
            "reason_parameters": read_json(told),
            "source": row["source_code"],
            "destination": row["destination_code"],
        }
        made.append(TransferRow(**facts))
    return made
