"""From stock position and targets to proposals: load after the lock, decide purely, save in the same transaction."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl
from django.conf import settings
from django.db import transaction

from reorder.domain.inventory import queries as inventory
from reorder.domain.planning import queries as planning
from reorder.domain.purchasing import operations, queries, transfers
from reorder.domain.purchasing.calendar import SupplierCalendar, next_order_day
from reorder.domain.purchasing.locks import lock_deciding
from reorder.domain.storage import one_transaction
from reorder.engine import stocking
from reorder.flows.restock.joining import join_purchases
from reorder.flows.restock.risk import with_risk
from reorder.flows.restock.transferring import propose_transfers, with_transfers
from reorder.kernel.money import minor_digits


@dataclass(frozen=True, slots=True)
class Proposed:
    """Targets looked at, proposals written, and figures worth keeping with the step."""

    rows_read: int
    rows_written: int
    details: dict[str, int]


def propose_purchases(*, run_id: int, as_of: dt.date) -> Proposed:
    """Plan purchases of everything with a target and make them the open proposals of this run.

    Units are selling units; safe to run twice. Raises InvalidFrame.
    """
    with one_transaction():
        lock_deciding()
        targets = planning.frame_targets()
        position = inventory.frame_position()
        # What a neighbour has too many of is sent before anything is bought.
        propose_transfers(run_key=run_id, position=position, targets=targets, as_of=as_of)
        plan = _plan(position=position, targets=targets, as_of=as_of)
        joined = join_purchases(lines=plan.lines, as_of=as_of)
        lines = _lines(lines=joined.lines, targets=targets, as_of=as_of)
        recorded = operations.record_proposals(run_key=run_id, lines=lines)
    made = _proposed(targets=targets, plan=plan, recorded=recorded)
    joining = {"joined": joined.changed_count, "joined_saved": round(joined.saved_value)}
    return replace(made, details=made.details | joining)


def propose_for(*, keys: Sequence[tuple[str, str]], as_of: dt.date) -> Proposed:
    """Plan again only for these (SKU, place code) pairs, by the targets of the last night.

    Other proposals stay untouched; pairs without a target are left alone. Minimum values of suppliers are looked at by
    the night only, which sees all lines. May run inside the caller's transaction.
    """
    wanted = pl.DataFrame(sorted(set(keys)), schema={"sku": pl.String, "place": pl.String}, orient="row")
    with transaction.atomic():
        lock_deciding()
        targets = planning.frame_targets().join(wanted, on=["sku", "place"], how="semi")
        position = inventory.frame_position().join(wanted, on=["sku", "place"], how="semi")
        plan = _plan(position=position, targets=targets, as_of=as_of)
        run = planning.find_latest_run(kind="night")
        recorded = operations.record_proposals(
            run_key=run.id if run else 0, lines=_lines(lines=plan.lines, targets=targets, as_of=as_of), looked_at=wanted
        )
    return _proposed(targets=targets, plan=plan, recorded=recorded)


def _plan(*, position: pl.DataFrame, targets: pl.DataFrame, as_of: dt.date) -> stocking.RestockPlan:
    constraints = queries.frame_constraints()
    bought = with_awaiting(position=position, awaiting=queries.frame_awaiting_units())
    bought = with_transfers(position=bought, moving=transfers.frame_open_units())
    return stocking.plan_restock(position=bought, targets=targets, constraints=constraints, as_of=as_of)


def with_awaiting(*, position: pl.DataFrame, awaiting: pl.DataFrame) -> pl.DataFrame:
    """The position with what waits for a second person as if it were on the way, so that nobody buys it twice; pure.

    The ledger knows nothing of it, and no page calls it incoming.
    """
    if awaiting.is_empty():
        return position
    joined = position.join(awaiting, on=["sku", "place"], how="left", maintain_order="left")
    return joined.with_columns(pl.col("incoming") + pl.col("awaiting_units").fill_null(0.0)).drop("awaiting_units")


def _lines(*, lines: pl.DataFrame, targets: pl.DataFrame, as_of: dt.date) -> pl.DataFrame:
    minor_in_major = 10 ** minor_digits(currency=settings.REORDER.currency)
    dated = on_order_days(lines=lines, calendars=queries.get_calendars(today=as_of), as_of=as_of)
    based = with_basis(lines=dated, targets=targets)
    return with_risk(lines=based, targets=targets).with_columns(
        (pl.col("money_at_risk") * minor_in_major).round().cast(pl.Int64).alias("risk_minor")
    )


def with_basis(*, lines: pl.DataFrame, targets: pl.DataFrame) -> pl.DataFrame:
    """`lines` with `basis`, their targets' numbers as JSON text, by which a later night tells what changed; pure."""
    names = ("daily_units", "expected_units", "safety_stock_units", "committed_units", "lead_days")
    basis = targets.select(
        "sku", "place", pl.struct(pl.col(name).round(3) for name in names).struct.json_encode().alias("basis")
    )
    return lines.join(basis, on=["sku", "place"], how="left", maintain_order="left").with_columns(
        pl.col("basis").fill_null("{}")
    )


def on_order_days(*, lines: pl.DataFrame, calendars: Mapping[str, SupplierCalendar], as_of: dt.date) -> pl.DataFrame:
    """`lines` with order_by_date on the next day from `as_of` on which the supplier really takes orders; pure."""
    days = {code: next_order_day(calendar=calendar, day=as_of).date for code, calendar in calendars.items()}
    return lines.with_columns(
        pl.col("supplier")
        .replace_strict(days, default=pl.col("order_by_date"), return_dtype=pl.Date())
        .alias("order_by_date")
    )


def _proposed(*, targets: pl.DataFrame, plan: stocking.RestockPlan, recorded: operations.RecordedProposals) -> Proposed:
    details = {
        "added": recorded.added_count,
        "repeated": recorded.repeated_count,
        "superseded": recorded.superseded_count,
        "short": plan.shortfall.height,
    }
    return Proposed(
        rows_read=targets.height, rows_written=recorded.added_count + recorded.repeated_count, details=details
    )
