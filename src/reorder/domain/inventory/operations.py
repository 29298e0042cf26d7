"""Writes of stock: moves are appended, and levels change with them in the same transaction, never alone.

Goods that are promised to somebody move in `allocating`; together these two are the only writers of stock.
"""

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from reorder.domain.inventory.errors import (
    BadPlace,
    MoveKeyReused,
    MoveNotTakenBack,
    NotEnoughStock,
    PlaceChanged,
    UnknownLocation,
    UnknownMove,
    UnknownPlace,
)
from reorder.domain.inventory.locks import LEVEL_ORDER, MOVE_ORDER
from reorder.domain.inventory.models import Move, Place
from reorder.domain.inventory.queries import PlaceRow, find_place, get_place, list_known_locations
from reorder.domain.inventory.rules import (
    OUTSIDE,
    OWN_GOODS,
    PROMISE_KINDS,
    NewMove,
    PlaceKind,
    RecordedMoves,
    distinct_moves,
    stock_of,
)
from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import run_sql
from reorder.kernel.ids import idempotency_key

_GIVEN = """
given AS (
    SELECT given.*, source.id AS source_id, target.id AS target_id,
           source.place_id AS source_place, target.place_id AS target_place,
           CASE WHEN source.kind = 'incoming' THEN '' ELSE lot END AS source_lot,
           CASE WHEN target.kind = 'incoming' THEN '' ELSE lot END AS target_lot
    FROM unnest(%(key)s::text[], %(kind)s::text[], %(product_id)s::bigint[], %(units)s::numeric[], %(source)s::text[],
                %(target)s::text[], %(cause_kind)s::text[], %(cause_key)s::text[], %(happened_at)s::timestamptz[],
                %(owner)s::text[], %(lot)s::text[], %(expires_date)s::date[])
         AS given (idempotency_key, kind, product_id, units, source, target, cause_kind, cause_key, happened_at, owner,
                   lot, expires_date)
    JOIN inventory_location AS source ON source.code = given.source
    JOIN inventory_location AS target ON target.code = given.target
)"""

# Writes the moves whose key is new, opens the levels they touch at zero, and answers what each level changes by.
_APPEND = f"""
WITH {_GIVEN}, appended AS (
    INSERT INTO inventory_move (idempotency_key, kind, product_id, owner, lot, expires_date, units, source_id,
                                target_id, cause_kind, cause_key, happened_at)
    SELECT idempotency_key, kind, product_id, owner, lot, expires_date, units, source_id, target_id, cause_kind,
           cause_key, happened_at
    FROM given ORDER BY {MOVE_ORDER}
    ON CONFLICT (idempotency_key) DO NOTHING
    RETURNING idempotency_key
), side AS (
    SELECT product_id, source_id AS location_id, owner, source_lot AS lot, -units AS units, expires_date
    FROM given JOIN appended USING (idempotency_key) WHERE source_place IS NOT NULL
    UNION ALL
    SELECT product_id, target_id, owner, target_lot, units, expires_date
    FROM given JOIN appended USING (idempotency_key) WHERE target_place IS NOT NULL
), change AS (
    SELECT product_id, location_id, owner, lot, sum(units) AS units,
           CASE WHEN lot <> '' THEN max(expires_date) END AS expires_date
    FROM side GROUP BY product_id, location_id, owner, lot
), opened AS (
    INSERT INTO inventory_level AS known (product_id, location_id, owner, lot, expires_date)
    SELECT product_id, location_id, owner, lot, expires_date FROM change ORDER BY {LEVEL_ORDER}
    ON CONFLICT (product_id, location_id, owner, lot) DO UPDATE SET expires_date = excluded.expires_date
        WHERE known.expires_date IS NULL AND excluded.expires_date IS NOT NULL
)
SELECT appended_count, product_id, location_id, owner, lot, units
FROM (SELECT count(*) AS appended_count FROM appended) AS counted LEFT JOIN change ON true
"""  # noqa: S608 - made of constants only

# All levels are locked in one order before the first is written; nothing is written when one would not suffice.
_CHANGE_LEVELS = f"""
WITH change AS (
    SELECT * FROM unnest(%(product_id)s::bigint[], %(location_id)s::bigint[], %(owner)s::text[], %(lot)s::text[],
                         %(units)s::numeric[]) AS change (product_id, location_id, owner, lot, units)
), locked AS MATERIALIZED (
    SELECT level.id, level.product_id, level.location_id, change.units,
           level.on_hand_units - level.allocated_units - level.held_units AS free_units
    FROM inventory_level AS level JOIN change USING (product_id, location_id, owner, lot)
    ORDER BY {LEVEL_ORDER} FOR UPDATE OF level
), short AS MATERIALIZED (
    SELECT * FROM locked WHERE units < 0 AND free_units + units < 0
), changed AS (
    UPDATE inventory_level AS level SET on_hand_units = level.on_hand_units + locked.units
    FROM locked WHERE level.id = locked.id AND NOT EXISTS (SELECT FROM short)
)
SELECT product.sku, location.code, -short.units, short.free_units
FROM short JOIN catalog_product AS product ON product.id = short.product_id
JOIN inventory_location AS location ON location.id = short.location_id
ORDER BY short.product_id, short.location_id LIMIT 1
"""  # noqa: S608 - made of constants only

_FIND_RECORDED = """
SELECT move.idempotency_key, move.kind, move.product_id, move.units, source.code, target.code, move.cause_kind,
       move.cause_key, move.owner, move.lot, move.expires_date
FROM inventory_move AS move
JOIN inventory_location AS source ON source.id = move.source_id
JOIN inventory_location AS target ON target.id = move.target_id
WHERE move.idempotency_key = ANY(%s)
"""

_OPEN_LEVELS = """
INSERT INTO inventory_level (product_id, location_id, owner)
SELECT given.product_id, location.id, %(owner)s
FROM unnest(%(product_id)s::bigint[], %(location)s::text[]) AS given (product_id, location)
JOIN inventory_location AS location ON location.code = given.location
ORDER BY given.product_id, location.id
ON CONFLICT (product_id, location_id, owner, lot) DO NOTHING
"""

_CREATE_PLACE = """
WITH created AS (
    INSERT INTO inventory_place (code, name, kind, country) VALUES (%(code)s, %(name)s, %(kind)s, %(country)s)
    ON CONFLICT (code) DO NOTHING RETURNING id
)
INSERT INTO inventory_location (code, kind, place_id)
SELECT kind || ':' || %(code)s, kind, id
FROM created, unnest(ARRAY['stock', 'incoming', 'allocated', 'picked']) AS part (kind)
"""

# What people did by hand or file; everything else has a record of its own that must follow.
_TAKEN_BACK_HERE = ("adjustment", "count", "import", "opening")
_CREATE_OUTSIDE = """
INSERT INTO inventory_location (code, kind) SELECT code, code FROM unnest(%(codes)s::text[]) AS given (code)
ORDER BY code ON CONFLICT (code) DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class TakenBack:
    """Goods whose move was taken back."""

    sku: str
    place_code: str
    units: Decimal


def record_moves(*, moves: Iterable[NewMove]) -> RecordedMoves:
    """Append moves to the ledger and change the levels they touch, all or nothing, inside the caller's transaction.

    A key that is there with the same content changes nothing and counts as unchanged. Levels are locked in one order;
    give all moves of a transaction in one call to keep that order. Takes thousands of moves at once.
    Raises NotEnoughStock (goods at a place would fall below what is allocated or held), MoveKeyReused, BadMove,
    UnknownLocation.
    """
    wanted = distinct_moves(moves=moves)
    if not wanted:
        return RecordedMoves(recorded_count=0, unchanged_count=0)
    _refuse_unknown_locations(moves=wanted)
    columns = _columns_of(moves=wanted)
    # A savepoint of its own: the caller may catch NotEnoughStock and go on in the same transaction.
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_APPEND, columns)
        answer = cursor.fetchall()
        recorded = int(answer[0][0])
        changes = [row[1:] for row in answer if row[1] is not None]
        if recorded < len(wanted):
            _refuse_reused_key(moves=wanted)
        if changes:
            _change_levels(changes=changes)
    return RecordedMoves(recorded_count=recorded, unchanged_count=len(wanted) - recorded)


def counter_key(*, move_id: int) -> str:
    """The key of the move that takes another one back: so that happens once."""
    return idempotency_key("counter_move", move_id)


def take_back_move(*, move_id: int, reason: str, moment: dt.datetime) -> TakenBack:
    """Append the counter-move of a correction, a count or an import, inside the caller's transaction.

    Raises UnknownMove, MoveNotTakenBack (a promise, a delivery, an order or a transfer is taken back where it was made,
    and nothing twice), NotEnoughStock when the goods are promised or gone.
    """
    move = Move.objects.select_related("product", "source__place", "target__place").filter(pk=move_id).first()
    if move is None:
        raise UnknownMove(move=move_id)
    if move.cause_kind not in _TAKEN_BACK_HERE or move.kind in PROMISE_KINDS:
        raise MoveNotTakenBack(move=move_id, reason="it belongs to an order, a delivery or a transfer: undo it there")
    counter = NewMove(
        key=counter_key(move_id=move_id),
        kind="adjust",
        product_id=move.product_id,
        units=move.units,
        source=move.target.code,
        target=move.source.code,
        cause_kind="counter_move",
        cause_key=reason,
        happened_at=moment,
        owner=move.owner,
        lot=move.lot,
        expires_date=move.expires_date,
    )
    if Move.objects.filter(idempotency_key=counter.key).exists():
        raise MoveNotTakenBack(move=move_id, reason="it was taken back before")
    record_moves(moves=[counter])
    place = move.source.place or move.target.place
    return TakenBack(sku=move.product.sku, place_code=place.code if place else "", units=move.units)


def ensure_place(*, code: str, name: str, kind: PlaceKind = "warehouse", country: str = "") -> PlaceRow:
    """The place with this code, created with its stock and incoming locations when it is new.

    An existing place stays as it is. Raises BadPlace.
    """
    if not code.strip() or code != code.strip():
        raise BadPlace(place=code, reason="a code must be there and have no spaces around it")
    if kind not in {"warehouse", "store", "supplier"}:
        raise BadPlace(place=code, reason=f"{kind!r} is not warehouse, store or supplier")
    with transaction.atomic():
        _insert_place(code=code, name=name or code, kind=kind, country=country)
    found = find_place(code=code)
    if found is None:
        raise UnknownPlace(place=code)
    return found


def create_place(*, code: str, name: str, kind: PlaceKind, country: str, created_by: str) -> PlaceRow:
    """A new place with its stock and incoming locations. Raises BadPlace, also for a code that is taken."""
    _refuse_bad_place(code=code, name=name, country=country)
    with transaction.atomic():
        if not _insert_place(code=code, name=name, kind=kind, country=country):
            raise BadPlace(place=code, reason="the code is taken")
        place = ensure_place(code=code, name=name, kind=kind, country=country)
        record_audit(actor=created_by, action="inventory.create_place", subject_kind="place", subject_key=code)
    return place


def change_place(*, place_id: int, name: str, country: str, seen: str, changed_by: str) -> PlaceRow:
    """Rename a place or say in which country it lies; its code is for ever, because imports and the ledger name it.

    `seen` is the fingerprint of the place that the person looked at. Raises UnknownPlace, BadPlace, PlaceChanged.
    """
    with transaction.atomic():
        before = _lock_place(place_id=place_id)
        _refuse_bad_place(code=before.code, name=name, country=country)
        if seen != before.fingerprint:
            raise PlaceChanged(place=before.code)
        if (name, country) == (before.name, before.country):
            return before
        Place.objects.filter(pk=place_id).update(name=name, country=country)
        record_audit(
            actor=changed_by,
            action="inventory.change_place",
            subject_kind="place",
            subject_key=before.code,
            details={"name": name, "country": country},
        )
    return get_place(place_id=place_id)


def close_place(*, place_id: int, closed_by: str) -> PlaceRow:
    """Take a place out of plans; what stands there stays in the ledger. Closing twice is closing once.

    Call it within the transaction that has made sure that nothing is still to come. Raises UnknownPlace.
    """
    return _set_active(place_id=place_id, is_active=False, action="inventory.close_place", actor=closed_by)


def reopen_place(*, place_id: int, reopened_by: str) -> PlaceRow:
    """Take a closed place into plans again. Raises UnknownPlace."""
    return _set_active(place_id=place_id, is_active=True, action="inventory.reopen_place", actor=reopened_by)


def open_levels(*, product_places: Iterable[tuple[int, str]], owner: str = OWN_GOODS) -> int:
    """Declare products as stocked at places, at zero units where nothing stands; returns how many were new.

    `product_places` are (product id, place code). Moves do this by themselves; a stock list that says 0 needs it,
    because a move of nothing cannot be written. Raises UnknownPlace.
    """
    pairs = sorted(set(product_places))
    for place_code in sorted({place_code for _, place_code in pairs}):
        if find_place(code=place_code) is None:
            raise UnknownPlace(place=place_code)
    return run_sql(
        statement=_OPEN_LEVELS,
        parameters={
            "product_id": [product_id for product_id, _ in pairs],
            "location": [stock_of(place_code=place_code) for _, place_code in pairs],
            "owner": owner,
        },
    )


def _insert_place(*, code: str, name: str, kind: PlaceKind, country: str) -> bool:
    """False when the code was there already, also when somebody else has just written it."""
    run_sql(statement=_CREATE_OUTSIDE, parameters={"codes": list(OUTSIDE)})
    given = {"code": code, "name": name, "kind": kind, "country": country}
    return run_sql(statement=_CREATE_PLACE, parameters=given) > 0


def _lock_place(*, place_id: int) -> PlaceRow:
    Place.objects.select_for_update().filter(pk=place_id).first()
    return get_place(place_id=place_id)


def _set_active(*, place_id: int, is_active: bool, action: str, actor: str) -> PlaceRow:
    with transaction.atomic():
        before = _lock_place(place_id=place_id)
        if Place.objects.filter(pk=place_id, is_active=not is_active).update(is_active=is_active):
            record_audit(actor=actor, action=action, subject_kind="place", subject_key=before.code)
    return get_place(place_id=place_id)


def _refuse_bad_place(*, code: str, name: str, country: str) -> None:
    faults = {
        "a code must be there and have no spaces around it": not code.strip() or code != code.strip(),
        "a code has at most 60 characters": len(code) > 60,
        "a name must be there, with at most 120 characters": not name.strip() or len(name) > 120,
        "the country must be a two-letter ISO 3166 code such as TW": bool(country)
        and not re.fullmatch("[A-Z]{2}", country),
    }
    for reason, holds in faults.items():
        if holds:
            raise BadPlace(place=code, reason=reason)


def _columns_of(*, moves: Sequence[NewMove]) -> dict[str, list[Any]]:
    names = [field.name for field in fields(NewMove)]
    return {name: [getattr(move, name) for move in moves] for name in names}


def _refuse_unknown_locations(*, moves: Sequence[NewMove]) -> None:
    wanted = {move.source for move in moves} | {move.target for move in moves}
    missing = wanted - list_known_locations(codes=wanted)
    if missing:
        raise UnknownLocation(location=min(missing))


def _refuse_reused_key(*, moves: Sequence[NewMove]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_FIND_RECORDED, [[move.key for move in moves]])
        recorded = {row[0]: row[1:] for row in cursor.fetchall()}
    for move in moves:
        if recorded[move.key] != move.content():
            raise MoveKeyReused(key=move.key, cause_kind=move.cause_kind, cause_key=move.cause_key)


def _change_levels(*, changes: Sequence[tuple[Any, ...]]) -> None:
    names = ("product_id", "location_id", "owner", "lot", "units")
    columns = {name: [row[position] for row in changes] for position, name in enumerate(names)}
    with connection.cursor() as cursor:
        cursor.execute(_CHANGE_LEVELS, columns)
        short = cursor.fetchone()
    if short:
        sku, location, wanted_units, free_units = short
        raise NotEnoughStock(sku=sku, location=location, wanted_units=wanted_units, free_units=free_units)
