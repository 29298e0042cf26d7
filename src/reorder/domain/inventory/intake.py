"""Takes stock counts: what a file or a person counted becomes moves that lift or lower the levels to it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import connection

from reorder.domain.catalog.queries import owners_of
from reorder.domain.inventory.locks import LEVEL_ORDER
from reorder.domain.inventory.operations import open_levels, record_moves
from reorder.domain.inventory.rules import ADJUSTMENT, OWN_GOODS, NewMove, stock_of
from reorder.kernel.ids import idempotency_key


@dataclass(frozen=True, slots=True)
class StockCount:
    """Counted units of a product in a place, whoever owns it; an empty lot means: of all lots together."""

    product_id: int
    place_code: str
    units: Decimal
    lot: str = ""
    expires_date: date | None = None


@dataclass(frozen=True, slots=True)
class RecordedCounts:
    """The counts that changed a level, and how many moves it took."""

    changed: tuple[StockCount, ...]
    moves_count: int


def record_counts(*, counts: Sequence[StockCount], cause_key: str, happened_at: datetime) -> RecordedCounts:
    """Bring the levels to what was counted, inside the caller's transaction.

    Goods of which a place has none get an opening move, others a count move by the difference. `cause_key` and the
    goods make the key of a move, so that one count is booked once. Levels are locked before they are compared. Raises
    NotEnoughStock when less was counted than is promised, and UnknownLocation for an unknown place.
    """
    owners = owners_of(product_ids=[count.product_id for count in counts])
    for owner in sorted({OWN_GOODS, *owners.values()}):
        mine = {(one.product_id, one.place_code) for one in counts if owners.get(one.product_id, OWN_GOODS) == owner}
        open_levels(product_places=sorted(mine), owner=owner)
    held = _lock_levels(counts=counts)
    changed: list[StockCount] = []
    moves: list[NewMove] = []
    for count in counts:
        needed = _moves_of(
            count=count,
            lots=held[count.product_id, count.place_code],
            owner=owners.get(count.product_id, OWN_GOODS),
            cause_key=cause_key,
            happened_at=happened_at,
        )
        moves += needed
        changed += [count] if needed else []
    recorded = record_moves(moves=moves).recorded_count if moves else 0
    return RecordedCounts(changed=tuple(changed), moves_count=recorded)


def _lock_levels(*, counts: Sequence[StockCount]) -> dict[tuple[int, str], dict[str, Decimal]]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT level.product_id, place.code, level.lot, level.on_hand_units
                FROM inventory_level AS level JOIN inventory_location AS location ON location.id = level.location_id
                JOIN inventory_place AS place ON place.id = location.place_id
                JOIN catalog_product AS product ON product.id = level.product_id AND product.goods_owner = level.owner
                WHERE location.kind = 'stock' AND level.product_id = ANY(%s)
                ORDER BY {LEVEL_ORDER} FOR UPDATE OF level""",  # noqa: S608 - LEVEL_ORDER is a constant of ours
            [sorted({count.product_id for count in counts})],
        )
        found = cursor.fetchall()
    lots: dict[tuple[int, str], dict[str, Decimal]] = defaultdict(dict)
    for product_id, place_code, lot, units in found:
        lots[product_id, place_code][lot] = units
    return lots


def _moves_of(
    *, count: StockCount, lots: dict[str, Decimal], owner: str, cause_key: str, happened_at: datetime
) -> list[NewMove]:
    change_by_lot = _changes(count=count, lots=lots)
    stock = stock_of(place_code=count.place_code)
    return [
        NewMove(
            key=idempotency_key("count", cause_key, count.product_id, count.place_code, count.lot, lot),
            kind="count" if any(lots.values()) else "opening",
            product_id=count.product_id,
            units=abs(change),
            source=ADJUSTMENT if change > 0 else stock,
            target=stock if change > 0 else ADJUSTMENT,
            cause_kind="count",
            cause_key=cause_key,
            happened_at=happened_at,
            owner=owner,
            lot=lot,
            expires_date=count.expires_date if change > 0 else None,
        )
        for lot, change in change_by_lot.items()
        if change
    ]


def _changes(*, count: StockCount, lots: dict[str, Decimal]) -> dict[str, Decimal]:
    """Change per lot. A count without lots that finds less takes it from goods without a lot first, then lot by lot."""
    if count.lot:
        return {count.lot: count.units - lots.get(count.lot, Decimal(0))}
    missing = sum(lots.values(), Decimal(0)) - count.units
    if missing <= 0:
        return {"": -missing}
    changes = {}
    for lot in sorted(lots):
        taken = min(missing, lots[lot])
        changes[lot] = -taken
        missing -= taken
    return changes
