"""Goods that stand at a place and are kept apart: returned, in quarantine, to be mended. They are there and not free.

They are a hold on their own lot's level that never ends, so promises, plans and every figure of free stock leave them
alone, and the sum of holds still is what the level holds (ADR 0037). Each is known by its `hold_key`.

Lock order as everywhere: levels first (`lock_levels`), then their holds.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from django.db.models import F, QuerySet

from reorder.domain.inventory.errors import NotEnoughStock, NotKeptApart
from reorder.domain.inventory.locks import lock_levels
from reorder.domain.inventory.models import Hold, Level
from reorder.domain.inventory.operations import record_moves
from reorder.domain.inventory.rules import ADJUSTMENT, CUSTOMER, OWN_GOODS, SUPPLIER, MoveKind, NewMove, stock_of
from reorder.kernel.ids import idempotency_key

# Never over: only whoever kept the goods apart lets them go.
NEVER: Final = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)
Exit = Literal["scrap", "supplier"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApartGoods:
    """Units (selling units, > 0) of one product, owner and lot at a place that are kept apart under `hold_key`."""

    hold_key: str
    product_id: int
    place_code: str
    units: Decimal
    owner: str = OWN_GOODS
    lot: str = ""
    expires_date: dt.date | None = None


def take_in_apart(*, goods: Sequence[ApartGoods], cause_kind: str, cause_key: str, moment: dt.datetime) -> None:
    """Goods come from customers and are kept apart at once, so that nobody is promised them in between.

    Part of the caller's transaction; each `hold_key` once. Raises UnknownLocation, BadMove.
    """
    lock_levels(product_ids=sorted({one.product_id for one in goods}))
    record_moves(
        moves=[
            _move(one, kind="return", source=CUSTOMER, target="", cause=(cause_kind, cause_key), moment=moment)
            for one in goods
        ]
    )
    for one in goods:
        _hold(one, level=_levels(one).get())


def keep_apart(*, goods: ApartGoods) -> None:
    """Free goods of a lot at a place are kept apart from now on, until somebody decides.

    Part of the caller's transaction, after the move that brought them. Raises NotEnoughStock where fewer are free.
    """
    lock_levels(product_ids=[goods.product_id])
    level = _levels(goods).first()
    free = level.on_hand_units - level.allocated_units - level.held_units if level else 0
    if level is None or free < goods.units:
        location = stock_of(place_code=goods.place_code)
        raise NotEnoughStock(sku=goods.product_id, wanted_units=goods.units, location=location, free_units=free)
    _hold(goods, level=level)


def divide_apart(*, hold_key: str, new_key: str, units: Decimal, product_id: int) -> None:
    """Let some of the goods be known by a key of their own; they stay apart. Raises NotKeptApart."""
    lock_levels(product_ids=[product_id])
    hold = _take_from(hold_key=hold_key, units=units)
    Hold.objects.create(hold_key=new_key, level_id=hold.level_id, units=units, expires_at=NEVER)


def set_free(*, hold_key: str, units: Decimal, product_id: int) -> None:
    """Goods are as others of their lot from now on: free to be promised. Raises NotKeptApart."""
    lock_levels(product_ids=[product_id])
    hold = _take_from(hold_key=hold_key, units=units)
    Level.objects.filter(pk=hold.level_id).update(held_units=F("held_units") - units)


def send_away(*, goods: ApartGoods, way: Exit, cause_kind: str, cause_key: str, moment: dt.datetime) -> None:
    """Goods leave the place for good: thrown away, or sent to their supplier. Raises NotKeptApart."""
    set_free(hold_key=goods.hold_key, units=goods.units, product_id=goods.product_id)
    target, kind = (ADJUSTMENT, "adjust") if way == "scrap" else (SUPPLIER, "return")
    move = _move(goods, kind=kind, source="", target=target, cause=(cause_kind, cause_key), moment=moment)  # type: ignore[arg-type]
    record_moves(moves=[move])


def sum_kept_apart(*, place_code: str, product_ids: Sequence[int]) -> dict[tuple[int, str, str], Decimal]:
    """Units kept apart at a place by (product, owner, lot): what nobody may put on a shelf that is picked from."""
    found = Hold.objects.filter(
        expires_at=NEVER, level__location__code=stock_of(place_code=place_code), level__product_id__in=list(product_ids)
    ).values_list("level__product_id", "level__owner", "level__lot", "units")
    summed: dict[tuple[int, str, str], Decimal] = {}
    for product_id, owner, lot, units in found:
        summed[product_id, owner, lot] = summed.get((product_id, owner, lot), Decimal(0)) + units
    return summed


def _take_from(*, hold_key: str, units: Decimal) -> Hold:
    hold = Hold.objects.select_for_update().filter(hold_key=hold_key, expires_at=NEVER).first()
    if hold is None or hold.units < units:
        raise NotKeptApart(wanted=units, there=hold.units if hold else Decimal(0))
    if hold.units == units:
        hold.delete()
    else:
        Hold.objects.filter(pk=hold.pk).update(units=F("units") - units)
    return hold


def _hold(goods: ApartGoods, *, level: Level) -> None:
    Level.objects.filter(pk=level.pk).update(held_units=F("held_units") + goods.units)
    Hold.objects.create(hold_key=goods.hold_key, level=level, units=goods.units, expires_at=NEVER)


def _levels(goods: ApartGoods) -> QuerySet[Level]:
    return Level.objects.filter(
        product_id=goods.product_id,
        location__code=stock_of(place_code=goods.place_code),
        owner=goods.owner,
        lot=goods.lot,
    )


def _move(
    goods: ApartGoods, *, kind: MoveKind, source: str, target: str, cause: tuple[str, str], moment: dt.datetime
) -> NewMove:
    stock = stock_of(place_code=goods.place_code)
    return NewMove(
        key=idempotency_key("apart", kind, goods.hold_key, source or target),
        kind=kind,
        product_id=goods.product_id,
        units=goods.units,
        source=source or stock,
        target=target or stock,
        cause_kind=cause[0],
        cause_key=cause[1],
        happened_at=moment,
        owner=goods.owner,
        lot=goods.lot,
        expires_date=goods.expires_date,
    )
