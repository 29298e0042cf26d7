"""Promises of stock: units are allocated to a demand or held for a cart, given back, picked and shipped.

Each function is one SQL statement (a promise tries a shorter one first). It locks the levels it touches in key order
before it looks at anything else: so two orders never promise the same unit and never wait for each other in a ring.
Rows it found without a lock it reads again under one. It writes everything or nothing: a demand that cannot be met
whole is answered as a shortage.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Literal
from zlib import crc32

from reorder.domain.inventory.allocating_sql import ALLOCATE, ALLOCATE_FREE, DROP_HOLDS, HOLD, SETTLE
from reorder.domain.inventory.errors import UnknownLocation
from reorder.domain.inventory.rules import refuse_bad_units
from reorder.domain.storage import fetch_prepared, take_transaction_locks

# Where units that were allocated go, by what is done with them, and from where they are taken first.
_WAYS = {
    "release": ("stock", ["allocated", "picked"]),
    "put_back": ("stock", ["picked", "allocated"]),
    "pick": ("picked", ["allocated"]),
    "unpick": ("allocated", ["picked"]),
    "ship": ("customer", ["picked", "allocated"]),
    "ship_unpicked": ("customer", ["allocated", "picked"]),
}
# What others call the same.
_SAME: Final = {"put_back": "release", "ship_unpicked": "ship"}
# Carts that share a lock wait for each other for a moment; that is all.
_HOLD_LOCKS = 1024
# What stays promised while it moves; the ledger calls it a pick, to and fro.
_KEPT = ("pick", "unpick")
SettleKind = Literal["release", "put_back", "pick", "unpick", "ship", "ship_unpicked"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Selling units of a product at a place for a demand; `expires_from`: lots that go off earlier do not serve it.

    `keep_units` of the product must stay free at the place for others, such as members. `cause_key` names the cause of
    the move where one call serves several; empty: that of the call.
    """

    demand_key: str
    product_id: int
    place_code: str
    units: Decimal
    expires_from: dt.date | None = None
    keep_units: Decimal = Decimal(0)
    cause_key: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """Units of one lot that were allocated or held."""

    demand_key: str
    product_id: int
    place_code: str
    lot: str
    expires_date: dt.date | None
    units: Decimal


@dataclass(frozen=True, slots=True)
class Short:
    """A demand that the free stock of its place does not cover; `free_units` would have been there for it."""

    demand_key: str
    product_id: int
    place_code: str
    wanted_units: Decimal
    free_units: Decimal


@dataclass(frozen=True, slots=True)
class Promise:
    """What became of it: all of `taken`, or nothing and the shortages."""

    taken: tuple[Taken, ...]
    short: tuple[Short, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """Allocated units of a demand to give back, pick or ship; `units` None: all that there are (to pick: left).

    With a `place_code` those at that place only, with a `lot` ("" is goods without one) those of that lot only; neither
    to be mixed with one without for the same demand.
    """

    demand_key: str
    product_id: int
    units: Decimal | None = None
    place_code: str = ""
    lot: str | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """Units of one lot of a demand that were given back, picked or shipped."""

    demand_key: str
    product_id: int
    place_code: str
    lot: str
    expires_date: dt.date | None
    units: Decimal


def allocate_units(
    *,
    wanted: Sequence[Wanted],
    key: str,
    cause_kind: str,
    cause_key: str = "",
    moment: dt.datetime,
    hold_key: str = "",
) -> Promise:
    """Promise stock to demands, the lots that go off first first; all of `wanted` or nothing.

    The holds of `hold_key` (the cart that becomes this order) and holds that are over give way to it. `key` names this
    attempt: no two calls for one demand share it. Call it within the transaction that writes the demand. Raises
    UnknownLocation, BadMove.
    """
    given = _columns(wanted=wanted, cause_key=cause_key) | {"key": key, "cause_kind": cause_kind, "now": moment}
    if not hold_key:
        promise = _promise(rows=fetch_prepared(statement=ALLOCATE_FREE, parameters=given), wanted=wanted)
        if not promise.short:
            return promise
        # Holds that are over may give way to it; the levels stay locked.
    given |= {"own_hold_key": hold_key}
    return _promise(rows=fetch_prepared(statement=ALLOCATE, parameters=given), wanted=wanted)


def hold_units(*, hold_key: str, wanted: Sequence[Wanted], moment: dt.datetime, expires_at: dt.datetime) -> Promise:
    """Keep stock for a cart until `expires_at`; all of `wanted` or nothing, and then its earlier holds stay.

    It replaces what the cart held before. `demand_key` only tells the lines of a shortage apart. Two calls for one cart
    wait for each other. Raises UnknownLocation, BadMove.
    """
    # In a statement before: the one that follows must see what the call it waited for wrote.
    take_transaction_locks(names=[f"inventory.hold:{crc32(hold_key.encode()) % _HOLD_LOCKS}"])
    given = _columns(wanted=wanted) | {"own_hold_key": hold_key, "now": moment, "expires_at": expires_at}
    return _promise(rows=fetch_prepared(statement=HOLD, parameters=given), wanted=wanted)


def drop_holds(*, hold_keys: Sequence[str]) -> int:
    """Give back what carts hold; returns how many holds that were."""
    return _drop(hold_keys=list(hold_keys), ended_by=None, limit=None)


def drop_expired_holds(*, moment: dt.datetime, limit: int = 1000) -> int:
    """Give back up to `limit` holds that are over; returns how many that were."""
    return _drop(hold_keys=None, ended_by=moment, limit=limit)


def settle_units(
    *,
    kind: SettleKind,
    settled: Sequence[Settled],
    key: str,
    cause_kind: str,
    cause_key: str,
    moment: dt.datetime,
) -> list[Moved]:
    """Give allocated units back to the free stock, pick them, unpick them, or ship them; what moved, by lot.

    `put_back` gives back as `release` does, but picked ones first: of a parcel that somebody has in his hands.
    `ship_unpicked` ships as `ship` does, but picked ones last: of a parcel nobody noted as picked, beside one that is.

    Of a demand with fewer units than asked for, what there is moves: the caller compares. Units are given back from
    the lot that goes off last, so that the others keep the fresh promise they had; units are shipped picked ones first.
    `key` names this step: no two calls for one demand share it.
    """
    refuse_bad_units(units=[one.units for one in settled if one.units is not None])
    target, sources = _WAYS[kind]
    way = _SAME.get(kind, kind)
    given = {
        "demand_key": [one.demand_key for one in settled],
        "product_id": [one.product_id for one in settled],
        "units": [one.units for one in settled],
        "place_code": [one.place_code for one in settled],
        "lot": [one.lot for one in settled],
        "kind": way,
        "move_kind": "pick" if kind in _KEPT else way,
        "keeps": kind in _KEPT,
        "target": target,
        "sources": sources,
        "key": key,
        "cause_kind": cause_kind,
        "cause_key": cause_key,
        "now": moment,
    }
    return [Moved(*row) for row in fetch_prepared(statement=SETTLE, parameters=given)]


def _drop(*, hold_keys: list[str] | None, ended_by: dt.datetime | None, limit: int | None) -> int:
    given = {"hold_keys": hold_keys, "ended_by": ended_by, "limit": limit}
    return int(fetch_prepared(statement=DROP_HOLDS, parameters=given)[0][0])


def _columns(*, wanted: Sequence[Wanted], cause_key: str = "") -> dict[str, Any]:
    refuse_bad_units(units=[one.units for one in wanted])
    names = ("demand_key", "product_id", "place_code", "units", "expires_from", "keep_units")
    return {name: [getattr(one, name) for one in wanted] for name in names} | {
        "cause_key": [one.cause_key or cause_key for one in wanted],
    }


def _promise(*, rows: Sequence[tuple[Any, ...]], wanted: Sequence[Wanted]) -> Promise:
    answered = {(row[1], row[2]) for row in rows}
    for one in wanted:
        # A demand that is not in short is in taken whole; one that is in neither named a place that is not there.
        if rows and not rows[0][0]:
            break
        if (one.demand_key, one.product_id) not in answered:
            raise UnknownLocation(location=f"stock:{one.place_code}")
    return Promise(
        taken=tuple(Taken(*row[1:7]) for row in rows if row[0]),
        short=tuple(Short(row[1], row[2], row[3], row[6], row[7]) for row in rows if not row[0]),
    )
