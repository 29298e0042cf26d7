"""Goods in bins: moved between bins with a ledger, and always within what the place has on its shelves.

Lock order: stock levels first (`inventory.locks`), then rows of bins by (bin, product, owner, lot).
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from django.db import transaction

from reorder.domain.inventory.locks import lock_levels
from reorder.domain.inventory.rules import OWN_GOODS, refuse_bad_units
from reorder.domain.storage import fetch_prepared
from reorder.domain.warehouse.errors import BinMoveKeyReused, NotInBin, NotThatManyLoose, UnknownBin
from reorder.domain.warehouse.floor_models import Bin, BinMove, BinStock
from reorder.kernel.ids import idempotency_key

BinMoveKind = Literal["put_away", "move", "replenish", "pick", "count", "follow"]
_RowKey = tuple[int, int, str, str]  # bin, product, owner, lot

# What stands on shelves by product, owner and lot, beside what is in bins; picked goods are on no shelf.
_SHELVES: Final = """
SELECT level.product_id, place.code, level.owner, level.lot, level.expires_date,
       level.on_hand_units - coalesce(picked.units, 0) AS shelf_units, coalesce(binned.units, 0) AS binned_units
FROM inventory_level AS level
JOIN inventory_location AS location ON location.id = level.location_id AND location.kind = 'stock'
JOIN inventory_place AS place ON place.id = location.place_id AND place.code = %(place_code)s::text
LEFT JOIN LATERAL (
    SELECT sum(picked_units) AS units FROM inventory_allocation AS known WHERE known.level_id = level.id
) AS picked ON true
LEFT JOIN LATERAL (
    SELECT sum(stock.units) AS units
    FROM warehouse_binstock AS stock JOIN warehouse_bin AS bin ON bin.id = stock.bin_id
    WHERE bin.place_id = place.id AND stock.product_id = level.product_id AND stock.owner = level.owner
      AND stock.lot = level.lot
) AS binned ON true
WHERE %(product_ids)s::bigint[] IS NULL OR level.product_id = ANY(%(product_ids)s::bigint[])
"""
_LOOSE: Final = f"""
SELECT product_id, code, owner, lot, expires_date, shelf_units - binned_units FROM ({_SHELVES}) AS shelf
WHERE shelf_units > binned_units ORDER BY product_id, owner, expires_date NULLS LAST, lot
"""  # noqa: S608 - made of constants only
_EXCESS: Final = f"""
SELECT product_id, code, owner, lot, expires_date, binned_units - shelf_units FROM ({_SHELVES}) AS shelf
WHERE binned_units > shelf_units ORDER BY product_id, owner, lot
"""  # noqa: S608 - made of constants only
_IN_BINS: Final = """
SELECT bin.code, stock.product_id, stock.owner, stock.lot, stock.expires_date, stock.units, zone.purpose
FROM warehouse_binstock AS stock JOIN warehouse_bin AS bin ON bin.id = stock.bin_id
JOIN warehouse_storagezone AS zone ON zone.id = bin.zone_id
JOIN inventory_place AS place ON place.id = bin.place_id
WHERE place.code = %(place_code)s::text AND stock.product_id = ANY(%(product_ids)s::bigint[])
ORDER BY stock.product_id, stock.expires_date NULLS LAST, stock.lot, bin.code
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBinMove:
    """`units` (selling units, > 0) of a product and lot from bin `source` to bin `target`.

    No source: goods that are in no bin yet; no target: goods that leave the bins. `key` makes it happen once.
    """

    key: str
    kind: BinMoveKind
    product_id: int
    units: Decimal
    source: str
    target: str
    cause_kind: str
    cause_key: str
    actor: str
    happened_at: dt.datetime
    owner: str = OWN_GOODS
    lot: str = ""
    expires_date: dt.date | None = None


@dataclass(frozen=True, slots=True)
class LooseGoods:
    """Units of a lot at a place that are in no bin, or (of an excess) that bins hold beyond what is there."""

    product_id: int
    place_code: str
    owner: str
    lot: str
    expires_date: dt.date | None
    units: Decimal


@dataclass(frozen=True, slots=True)
class GoodsInBin:
    """Units of a lot in a bin, and what the bin's zone is for."""

    bin_code: str
    product_id: int
    owner: str
    lot: str
    expires_date: dt.date | None
    units: Decimal
    purpose: str


def move_between_bins(*, moves: Sequence[NewBinMove]) -> int:
    """Append moves to the ledger of bins and change what stands in them, all or nothing; returns how many were new.

    Part of the caller's transaction, after whatever it does to stock levels. A key that is there with the same goods
    changes nothing. Raises UnknownBin, NotInBin, NotThatManyLoose, BinMoveKeyReused, BadMove.
    """
    refuse_bad_units(units=[one.units for one in moves])
    bins = _bins_of(moves)
    with transaction.atomic():
        new = _not_known(moves=moves, bins=bins)
        if not new:
            return 0
        put_away = [one for one in new if not one.source]
        if put_away:
            lock_levels(product_ids=sorted({one.product_id for one in put_away}))
            _refuse_more_than_loose(moves=put_away, bins=bins)
        _change_rows(moves=new, bins=bins)
        BinMove.objects.bulk_create(_row(one, bins=bins) for one in new)
    return len(new)


def list_loose(*, place_code: str, product_ids: Sequence[int] | None = None) -> list[LooseGoods]:
    """Goods at a place that are in no bin: to be put away. None: of all products."""
    return _goods(_LOOSE, place_code=place_code, product_ids=product_ids)


def list_excess(*, place_code: str, product_ids: Sequence[int] | None = None) -> list[LooseGoods]:
    """Goods that the bins of a place hold by their ledger, but that the place no longer has; none where all is well."""
    return _goods(_EXCESS, place_code=place_code, product_ids=product_ids)


def list_in_bins(*, place_code: str, product_ids: Sequence[int]) -> list[GoodsInBin]:
    """What stands in bins of a place, of some products; what goes off first comes first."""
    rows = fetch_prepared(statement=_IN_BINS, parameters={"place_code": place_code, "product_ids": list(product_ids)})
    return [GoodsInBin(*row) for row in rows]


def follow_stock(
    *,
    place_code: str,
    product_ids: Sequence[int],
    cause_kind: str,
    cause_key: str,
    actor: str,
    moment: dt.datetime,
) -> list[NewBinMove]:
    """Take out of bins what the place no longer has, when stock left by a way that named no bin; returns the moves.

    Fullest bins give last, so that few are left half wrong; whoever counts next should count the bins in the answer.
    Part of the caller's transaction, after its change of stock.
    """
    lock_levels(product_ids=sorted(set(product_ids)))
    moves: list[NewBinMove] = []
    for excess in list_excess(place_code=place_code, product_ids=product_ids):
        left = excess.units
        for stock in _rows_of(excess=excess):
            if left <= 0:
                break
            units = min(left, stock.units)
            left -= units
            key = idempotency_key("follow", cause_kind, cause_key, stock.pk, stock.units, moment.isoformat())
            moves.append(
                NewBinMove(
                    key=key,
                    kind="follow",
                    product_id=excess.product_id,
                    units=units,
                    source=stock.bin.code,
                    target="",
                    cause_kind=cause_kind,
                    cause_key=cause_key,
                    actor=actor,
                    happened_at=moment,
                    owner=excess.owner,
                    lot=excess.lot,
                )
            )
    if moves:
        move_between_bins(moves=moves)
    return moves


def _goods(statement: str, *, place_code: str, product_ids: Sequence[int] | None) -> list[LooseGoods]:
    given = {"place_code": place_code, "product_ids": None if product_ids is None else list(product_ids)}
    return [LooseGoods(*row) for row in fetch_prepared(statement=statement, parameters=given)]


def _rows_of(*, excess: LooseGoods) -> list[BinStock]:
    return list(
        BinStock.objects.select_related("bin")
        .filter(
            bin__place__code=excess.place_code,
            product_id=excess.product_id,
            owner=excess.owner,
            lot=excess.lot,
        )
        .order_by("units", "bin__code")
    )


def _bins_of(moves: Iterable[NewBinMove]) -> dict[str, Bin]:
    wanted = {code for one in moves for code in (one.source, one.target) if code}
    found = {one.code: one for one in Bin.objects.select_related("place").filter(code__in=wanted)}
    for code in sorted(wanted):
        if code not in found:
            raise UnknownBin(bin=code)
    return found


def _not_known(*, moves: Sequence[NewBinMove], bins: Mapping[str, Bin]) -> list[NewBinMove]:
    known = {one.idempotency_key: one for one in BinMove.objects.filter(idempotency_key__in=[m.key for m in moves])}
    new: dict[str, NewBinMove] = {}
    for one in moves:
        earlier = known.get(one.key)
        if earlier is None:
            new.setdefault(one.key, one)
        elif (earlier.product_id, earlier.units, earlier.source_id, earlier.target_id) != (
            one.product_id,
            one.units,
            bins[one.source].pk if one.source else None,
            bins[one.target].pk if one.target else None,
        ):
            raise BinMoveKeyReused(key=one.key)
    return list(new.values())


def _refuse_more_than_loose(*, moves: Sequence[NewBinMove], bins: Mapping[str, Bin]) -> None:
    wanted: dict[tuple[str, int, str, str], Decimal] = {}
    for one in moves:
        key = (bins[one.target].place.code, one.product_id, one.owner, one.lot)
        wanted[key] = wanted.get(key, Decimal(0)) + one.units
    for place_code in sorted({key[0] for key in wanted}):
        loose = {
            (one.place_code, one.product_id, one.owner, one.lot): one.units
            for one in list_loose(place_code=place_code, product_ids=[key[1] for key in wanted if key[0] == place_code])
        }
        for key, units in wanted.items():
            there = loose.get(key, Decimal(0))
            if key[0] == place_code and there < units:
                raise NotThatManyLoose(place=place_code, wanted=units, there=there)


def _change_rows(*, moves: Sequence[NewBinMove], bins: Mapping[str, Bin]) -> None:
    changes: dict[_RowKey, Decimal] = {}
    for one in moves:
        for code, sign in ((one.source, -1), (one.target, 1)):
            if code:
                key = _row_key(one, bin_id=bins[code].pk)
                changes[key] = changes.get(key, Decimal(0)) + sign * one.units
    names = {one.pk: one.code for one in bins.values()}
    rows = _locked_rows(keys=changes)
    expiry = _expires_dates(moves=moves, bins=bins, rows=rows)
    created: list[BinStock] = []
    for key in sorted(changes):
        row = rows.get(key)
        there = row.units if row else Decimal(0)
        after = there + changes[key]
        if after < 0:
            raise NotInBin(bin=names[key[0]], wanted=-changes[key], there=there)
        if row is not None:
            _write_row(row=row, units=after)
        elif after > 0:
            created.append(_new_row(key=key, units=after, expires_date=expiry.get(key)))
    # In one statement: the first filling of a warehouse puts thousands away at once.
    BinStock.objects.bulk_create(created)


def _row_key(move: NewBinMove, *, bin_id: int) -> _RowKey:
    return bin_id, move.product_id, move.owner, move.lot


def _expires_dates(
    *, moves: Sequence[NewBinMove], bins: Mapping[str, Bin], rows: Mapping[_RowKey, BinStock]
) -> dict[_RowKey, dt.date | None]:
    """When what is put into bins goes off: as the mover says, else as in the bin it comes from."""
    found: dict[_RowKey, dt.date | None] = {}
    for one in moves:
        if one.target:
            key = _row_key(one, bin_id=bins[one.target].pk)
            source = rows.get(_row_key(one, bin_id=bins[one.source].pk)) if one.source else None
            found[key] = found.get(key) or one.expires_date or (source.expires_date if source else None)
    return found


def _new_row(*, key: _RowKey, units: Decimal, expires_date: dt.date | None) -> BinStock:
    return BinStock(bin_id=key[0], product_id=key[1], owner=key[2], lot=key[3], expires_date=expires_date, units=units)


def _write_row(*, row: BinStock, units: Decimal) -> None:
    if units == 0:
        row.delete()
    else:
        BinStock.objects.filter(pk=row.pk).update(units=units)


def _locked_rows(*, keys: Iterable[_RowKey]) -> dict[_RowKey, BinStock]:
    """The rows as they are now. The bins themselves are held first: a row that is not there cannot be locked."""
    wanted = sorted(keys)
    list(Bin.objects.select_for_update().filter(pk__in={key[0] for key in wanted}).order_by("pk").values_list("pk"))
    found = BinStock.objects.select_for_update().filter(
        bin_id__in={key[0] for key in wanted}, product_id__in={key[1] for key in wanted}
    )
    return {(one.bin_id, one.product_id, one.owner, one.lot): one for one in found.order_by("pk")}


def _row(move: NewBinMove, *, bins: Mapping[str, Bin]) -> BinMove:
    return BinMove(
        idempotency_key=move.key,
        kind=move.kind,
        product_id=move.product_id,
        owner=move.owner,
        lot=move.lot,
        units=move.units,
        source=bins[move.source] if move.source else None,
        target=bins[move.target] if move.target else None,
        cause_kind=move.cause_kind,
        cause_key=move.cause_key,
        actor=move.actor,
        happened_at=move.happened_at,
    )
