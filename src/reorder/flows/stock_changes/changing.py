"""Counts and corrections into the ledger, in one transaction with their audit entry and the marks for planning."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from reorder.domain.catalog.queries import list_products_by_sku
from reorder.domain.inventory import intake, operations
from reorder.domain.inventory.errors import UnknownMove
from reorder.domain.inventory.operations import TakenBack
from reorder.domain.inventory.queries import list_places
from reorder.domain.inventory.rules import ADJUSTMENT, NewMove, stock_of
from reorder.domain.planning import operations as planning
from reorder.domain.staff.operations import record_audit
from reorder.domain.staff.rules import Actor
from reorder.domain.storage import one_transaction
from reorder.flows.counting.following import follow_corrections
from reorder.flows.stock_changes import errors
from reorder.kernel.ids import idempotency_key

_NAMED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """Selling units that were found (above zero) or are gone (below zero), of one lot where one is named."""

    sku: str
    place_code: str
    change_units: Decimal
    lot: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedLine:
    """Selling units that stand at a place; an empty lot means: of all lots together."""

    sku: str
    place_code: str
    units: Decimal
    lot: str = ""
    expires_date: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """How many moves it took, and the (SKU, place code) pairs whose level changed."""

    moves_count: int
    positions: tuple[tuple[str, str], ...]


def adjust_stock(
    *, lines: Sequence[Adjustment], reason: str, change_key: str, actor: Actor, moment: dt.datetime
) -> Changed:
    """Book corrections, all or none; `reason` stands in the ledger, `change_key` makes them happen once.

    Raises UnknownProducts, UnknownPlaces, and NotEnoughStock when more would go than is free.
    """
    with one_transaction():
        products = _refuse_unknown(goods=[(line.sku, line.place_code) for line in lines], actor=actor)
        moves = [
            _adjusting_move(
                line=line,
                product_id=products[line.sku],
                key=idempotency_key("adjust", change_key, ordinal),
                reason=reason,
                moment=moment,
            )
            for ordinal, line in enumerate(lines)
        ]
        recorded = operations.record_moves(moves=moves)
        follow_corrections(
            goods=[(products[line.sku], line.place_code) for line in lines],
            cause_kind="adjustment",
            cause_key=change_key,
            actor=actor,
            moment=moment,
        )
        positions = tuple(sorted({(line.sku, line.place_code) for line in lines}))
        _finish(positions=positions, action="inventory.adjust", reason=reason, actor=actor)
    return Changed(moves_count=recorded.recorded_count, positions=positions)


def count_stock(*, lines: Sequence[CountedLine], change_key: str, actor: Actor, moment: dt.datetime) -> Changed:
    """Bring levels to what was counted, all or none; `change_key` makes the count happen once.

    Raises UnknownProducts, UnknownPlaces, GoodsRepeated, and NotEnoughStock when less was counted than is promised.
    """
    _refuse_repeated(lines=lines)
    with one_transaction():
        products = _refuse_unknown(goods=[(line.sku, line.place_code) for line in lines], actor=actor)
        skus = {product_id: sku for sku, product_id in products.items()}
        recorded = intake.record_counts(
            counts=[
                intake.StockCount(
                    product_id=products[line.sku],
                    place_code=line.place_code,
                    units=line.units,
                    lot=line.lot,
                    expires_date=line.expires_date,
                )
                for line in lines
            ],
            cause_key=change_key,
            happened_at=moment,
        )
        follow_corrections(
            goods=[(count.product_id, count.place_code) for count in recorded.changed],
            cause_kind="count",
            cause_key=change_key,
            actor=actor,
            moment=moment,
        )
        positions = tuple(sorted({(skus[count.product_id], count.place_code) for count in recorded.changed}))
        if positions:
            _finish(positions=positions, action="inventory.count", reason="", actor=actor)
    return Changed(moves_count=recorded.moves_count, positions=positions)


def undo_move(*, move_id: int, reason: str, actor: Actor, moment: dt.datetime) -> TakenBack:
    """Take a correction, a count or an import of stock back by its counter-move; `reason` stands in the ledger.

    Raises UnknownMove (also for a place that is none of the actor's), MoveNotTakenBack, NotEnoughStock when the goods
    are promised or gone meanwhile.
    """
    with one_transaction():
        done = operations.take_back_move(move_id=move_id, reason=reason, moment=moment)
        if not actor.may_at(done.place_code):
            raise UnknownMove(move=move_id)
        product = list_products_by_sku(skus=[done.sku])[done.sku]
        follow_corrections(
            goods=[(product.id, done.place_code)],
            cause_kind="counter_move",
            cause_key=str(move_id),
            actor=actor,
            moment=moment,
        )
        _finish(positions=[(done.sku, done.place_code)], action="inventory.undo_move", reason=reason, actor=actor)
    return done


def _refuse_unknown(*, goods: Sequence[tuple[str, str]], actor: Actor) -> dict[str, int]:
    """The ids of the products by SKU."""
    found = list_products_by_sku(skus=sorted({sku for sku, _ in goods}))
    missing = sorted({sku for sku, _ in goods} - set(found))
    if missing:
        raise errors.UnknownProducts(skus=", ".join(missing[:_NAMED]))
    places = {place.code for place in list_places() if actor.may_at(place.code)}
    strange = sorted({place for _, place in goods} - places)
    if strange:
        raise errors.UnknownPlaces(places=", ".join(strange[:_NAMED]))
    return {sku: product.id for sku, product in found.items()}


def _refuse_repeated(*, lines: Sequence[CountedLine]) -> None:
    lots: Mapping[tuple[str, str], list[str]] = defaultdict(list)
    for line in lines:
        lots[line.sku, line.place_code].append(line.lot)
    for (sku, place), named in lots.items():
        if len(set(named)) < len(named) or ("" in named and len(named) > 1):
            raise errors.GoodsRepeated(sku=sku, place=place)


def _adjusting_move(*, line: Adjustment, product_id: int, key: str, reason: str, moment: dt.datetime) -> NewMove:
    stock = stock_of(place_code=line.place_code)
    return NewMove(
        key=key,
        kind="adjust",
        product_id=product_id,
        units=abs(line.change_units),
        source=ADJUSTMENT if line.change_units > 0 else stock,
        target=stock if line.change_units > 0 else ADJUSTMENT,
        cause_kind="adjustment",
        cause_key=reason,
        happened_at=moment,
        lot=line.lot,
    )


def _finish(*, positions: Sequence[tuple[str, str]], action: str, reason: str, actor: Actor) -> None:
    planning.mark_dirty(kind="position", subject_keys=[f"{sku}|{place}" for sku, place in positions])
    record_audit(
        actor=actor.name,
        action=action,
        subject_kind="stock",
        subject_key=f"{positions[0][0]}|{positions[0][1]}" if len(positions) == 1 else "",
        details={"reason": reason, "positions": [f"{sku}|{place}" for sku, place in positions[:_NAMED]]},
    )
