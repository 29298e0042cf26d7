"""Goods from a place that has too many to one that is short: proposed before buying, sent and received by people."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

import polars as pl
from django.conf import settings

from reorder.domain.inventory import operations as inventory
from reorder.domain.inventory import queries as stock
from reorder.domain.inventory.rules import NewMove, incoming_of, stock_of
from reorder.domain.planning import operations as planning
from reorder.domain.purchasing import queries, transfers
from reorder.domain.purchasing.errors import TransferShort
from reorder.domain.purchasing.locks import lock_deciding
from reorder.domain.purchasing.transfers import LaneRow, TransferRow
from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import one_transaction
from reorder.engine import stocking
from reorder.kernel.ids import idempotency_key
from reorder.kernel.money import minor_digits
from reorder.kernel.quantity import plain_decimal


def propose_transfers(*, run_key: int, position: pl.DataFrame, targets: pl.DataFrame, as_of: dt.date) -> int:
    """Make the open transfers of this run, inside the caller's transaction; returns how many.

    `position` and `targets` are the engine's frames. Without lanes none are made.
    """
    minor = 10 ** minor_digits(currency=settings.REORDER.currency)
    lanes = transfers.list_lanes()
    if not lanes:
        return transfers.replace_open(run_key=run_key, lines=pl.DataFrame())
    plan = stocking.plan_transfers(
        position=position,
        targets=targets,
        lanes=_lanes(lanes=lanes, minor_in_major=minor),
        goods=goods(constraints=queries.frame_constraints()),
        as_of=as_of,
    )
    lines = plan.lines.with_columns(
        (pl.col("saving") * minor).round().cast(pl.Int64).alias("saving_minor"),
        (pl.col("cost") * minor).round().cast(pl.Int64).alias("cost_minor"),
    )
    return transfers.replace_open(run_key=run_key, lines=lines)


def _lanes(*, lanes: Sequence[LaneRow], minor_in_major: int) -> pl.DataFrame:
    rows = [
        (
            lane.source,
            lane.destination,
            lane.transfer_cost_minor / minor_in_major,
            lane.unit_cost_minor / minor_in_major,
        )
        for lane in lanes
    ]
    kinds = {"source": pl.String, "destination": pl.String, "transfer_cost": pl.Float64, "unit_cost": pl.Float64}
    return pl.DataFrame(rows, schema=kinds, orient="row")


def goods(*, constraints: pl.DataFrame) -> pl.DataFrame:
    """What `plan_transfers` asks of products: single units move between own places; the cheapest offer is the value."""
    return (
        constraints.group_by("sku")
        .agg(pl.col("unit_cost").min().alias("unit_value"))
        .sort("sku")
        .with_columns(
            pl.lit(1.0).alias("pack_units"),
            pl.lit(settings.REORDER.holding_share_per_day).alias("holding_share_per_day"),
        )
    )


def with_transfers(*, position: pl.DataFrame, moving: pl.DataFrame) -> pl.DataFrame:
    """The position once the open transfers are done, so that nobody buys what comes from a neighbour; pure.

    `moving`: sku, place, leaving_units, arriving_units.
    """
    if moving.is_empty():
        return position
    leaving = pl.min_horizontal(pl.col("leaving_units").fill_null(0.0), pl.col("on_hand"))
    return (
        position.join(moving, on=["sku", "place"], how="left", maintain_order="left")
        .with_columns(
            (pl.col("on_hand") - leaving).alias("on_hand"),
            (pl.col("incoming") + pl.col("arriving_units").fill_null(0.0)).alias("incoming"),
        )
        .drop("leaving_units", "arriving_units")
    )


def send_transfers(*, transfer_ids: Sequence[int], decided_by: str, moment: dt.datetime) -> list[TransferRow]:
    """Take the goods out of their sources and put them on the way, all or nothing; lots that expire first go first.

    Raises UnknownTransfer, TransferDecided, TransferShort.
    """
    with one_transaction():
        lock_deciding()
        rows = transfers.lock_transfers(transfer_ids=transfer_ids, state=transfers.OPEN)
        taken: dict[tuple[int, str, str], Decimal] = {}
        moves = [move for row in rows for move in _leaving(row=row, taken=taken, moment=moment)]
        inventory.record_moves(moves=moves)
        transfers.mark_sent(transfer_ids=[row.id for row in rows], moment=moment, decided_by=decided_by)
        _finish(rows=rows, action="purchasing.send_transfer", actor=decided_by)
    return rows


def receive_transfers(*, transfer_ids: Sequence[int], received_by: str, moment: dt.datetime) -> list[TransferRow]:
    """Put goods that were on the way into the stock of their destination. Raises UnknownTransfer, TransferDecided."""
    with one_transaction():
        lock_deciding()
        rows = transfers.lock_transfers(transfer_ids=transfer_ids, state=transfers.IN_TRANSIT)
        moves = [move for row in rows for move in _arriving(row=row, moment=moment)]
        inventory.record_moves(moves=moves)
        transfers.mark_received(transfer_ids=[row.id for row in rows], moment=moment, received_by=received_by)
        _finish(rows=rows, action="purchasing.receive_transfer", actor=received_by)
    return rows


def dismiss_transfers(*, transfer_ids: Sequence[int], decided_by: str, moment: dt.datetime) -> list[TransferRow]:
    """Leave the goods where they are; what the destination lacks is bought again.

    Raises UnknownTransfer, TransferDecided.
    """
    with one_transaction():
        lock_deciding()
        rows = transfers.lock_transfers(transfer_ids=transfer_ids, state=transfers.OPEN)
        transfers.mark_dismissed(transfer_ids=[row.id for row in rows], moment=moment, decided_by=decided_by)
        _finish(rows=rows, action="purchasing.dismiss_transfer", actor=decided_by)
    return rows


def _arriving(*, row: TransferRow, moment: dt.datetime) -> list[NewMove]:
    source, target = incoming_of(place_code=row.destination), stock_of(place_code=row.destination)
    return [
        _move(row=row, step="in", lot=lot, source=source, target=target, moment=moment)
        for lot in stock.list_moved_lots(cause_kind="transfer", cause_key=str(row.id))
    ]


def _leaving(*, row: TransferRow, taken: dict[tuple[int, str, str], Decimal], moment: dt.datetime) -> list[NewMove]:
    left, moves, free = row.units, [], Decimal(0)
    for lot in stock.list_free_lots(product_id=row.product_id, place_code=row.source):
        key = (row.product_id, row.source, lot.lot)
        there = lot.free_units - taken.get(key, Decimal(0))
        free += max(there, Decimal(0))
        units = min(left, there)
        if units > 0:
            taken[key] = taken.get(key, Decimal(0)) + units
            moves.append(
                _move(
                    row=row, step="out", lot=stock.FreeLot(lot.lot, lot.expires_date, units),
                    source=stock_of(place_code=row.source), target=incoming_of(place_code=row.destination),
                    moment=moment,
                )
            )  # fmt: skip
            left -= units
    if left > 0:
        raise TransferShort(
            place=row.source, units=plain_decimal(number=row.units), sku=row.sku, free_units=plain_decimal(number=free)
        )
    return moves


def _move(*, row: TransferRow, step: str, lot: stock.FreeLot, source: str, target: str, moment: dt.datetime) -> NewMove:
    return NewMove(
        key=idempotency_key("transfer", row.id, step, lot.lot),
        kind="transfer",
        product_id=row.product_id,
        units=lot.free_units,
        source=source,
        target=target,
        cause_kind="transfer",
        cause_key=str(row.id),
        happened_at=moment,
        lot=lot.lot,
        expires_date=lot.expires_date,
    )


def _finish(*, rows: Sequence[TransferRow], action: str, actor: str) -> None:
    keys = sorted({f"{row.sku}|{place}" for row in rows for place in (row.source, row.destination)})
    planning.mark_dirty(kind="position", subject_keys=keys)
    for row in rows:
        record_audit(
            actor=actor,
            action=action,
            subject_kind="transfer",
            subject_key=str(row.id),
            details={"units": str(row.units), "place": f"{row.source} → {row.destination}"},
        )
