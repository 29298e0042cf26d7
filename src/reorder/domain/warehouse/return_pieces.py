"""The goods that came with returns: taken in, graded, and what became of them; stock moves with every change.

Whoever calls holds the order of the return, so two people who grade the same goods come one after the other, and the
second finds fewer. Lock order: order → levels → holds → bins.
"""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from reorder.domain.inventory.keeping_apart import ApartGoods, divide_apart, send_away, set_free, take_in_apart
from reorder.domain.warehouse.bin_stock import NewBinMove, list_in_bins, move_between_bins
from reorder.domain.warehouse.floor_models import Bin
from reorder.domain.warehouse.return_errors import ReturnMovedOn
from reorder.domain.warehouse.return_models import ReturnPiece
from reorder.domain.warehouse.return_rules import KEPT_APART
from reorder.domain.warehouse.returns import HeldReturn, PieceRow, hold_key_of, piece_row
from reorder.kernel.ids import idempotency_key

CAUSE: Final = "return"
# Where goods that are kept apart stand, the best zone first.
_ZONES: Final = {
    "": ("returns", "quarantine"),
    "refurbish": ("returns", "quarantine"),
    "quarantine": ("quarantine", "returns"),
    "supplier": ("returns", "quarantine"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CameGoods:
    """Units of a product and lot that came for a line of a return; `key` makes it happen once."""

    key: str
    line_id: int
    product_id: int
    units: Decimal
    lot: str
    expires_date: dt.date | None


def find_piece_of_key(*, key: str) -> PieceRow | None:
    """The goods that a key took in."""
    found = ReturnPiece.objects.select_related("product").filter(idempotency_key=key).first()
    return piece_row(found) if found else None


def take_in(*, held: HeldReturn, goods: CameGoods, actor: str, moment: dt.datetime) -> PieceRow:
    """Goods are here: in stock, kept apart until somebody has looked at them. Part of the caller's transaction."""
    made = ReturnPiece.objects.create(
        line_id=goods.line_id,
        product_id=goods.product_id,
        units=goods.units,
        lot=goods.lot,
        expires_date=goods.expires_date,
        idempotency_key=goods.key,
    )
    row = _row(made.pk)
    take_in_apart(goods=[_apart(held=held, piece=row)], cause_kind=CAUSE, cause_key=held.number, moment=moment)
    _stand(held=held, piece=row, disposition="", actor=actor, moment=moment)
    return _row(made.pk)


def grade_piece(
    *,
    held: HeldReturn,
    piece: PieceRow,
    units: Decimal,
    grade: str,
    disposition: str,
    reason: str,
    is_overridden: bool,
    actor: str,
    moment: dt.datetime,
) -> PieceRow:
    """Say how goods were found and what becomes of them; fewer units than the piece has make a piece of their own.

    Goods to restock are free from now on, those to scrap are gone. Raises ReturnMovedOn, NotKeptApart.
    """
    graded = _divide(held=held, piece=piece, units=units)
    ReturnPiece.objects.filter(pk=graded.id).update(
        grade=grade,
        reason=reason,
        is_overridden=is_overridden,
        graded_at=moment,
        graded_by=actor,
    )
    return settle_piece(held=held, piece=_row(graded.id), disposition=disposition, actor=actor, moment=moment)


def redispose_piece(
    *,
    held: HeldReturn,
    piece: PieceRow,
    units: Decimal,
    disposition: str,
    reason: str,
    actor: str,
    moment: dt.datetime,
) -> PieceRow:
    """Something else becomes of goods that are kept apart: mended, let out of quarantine, thrown away after all."""
    part = _divide(held=held, piece=piece, units=units)
    ReturnPiece.objects.filter(pk=part.id).update(reason=reason, is_overridden=True)
    return settle_piece(held=held, piece=_row(part.id), disposition=disposition, actor=actor, moment=moment)


def settle_piece(*, held: HeldReturn, piece: PieceRow, disposition: str, actor: str, moment: dt.datetime) -> PieceRow:
    """Let stock follow what becomes of a piece. Raises ReturnMovedOn when it has left or is free already."""
    if piece.is_ended:
        raise ReturnMovedOn(number=held.number, state="settled", wanted="this")
    is_ended = disposition not in KEPT_APART
    if is_ended:
        _leave_bin(held=held, piece=piece, disposition=disposition, actor=actor, moment=moment)
    if disposition == "restock":
        set_free(hold_key=piece.hold_key, units=piece.units, product_id=piece.product_id)
    elif disposition == "scrap":
        send_away(
            goods=_apart(held=held, piece=piece), way="scrap", cause_kind=CAUSE, cause_key=held.number, moment=moment
        )
    ReturnPiece.objects.filter(pk=piece.id, ended_at__isnull=True).update(
        disposition=disposition, ended_at=moment if is_ended else None
    )
    if not is_ended:
        _stand(held=held, piece=_row(piece.id), disposition=disposition, actor=actor, moment=moment)
    return _row(piece.id)


def send_to_supplier(
    *, held: HeldReturn, piece: PieceRow, supplier: str, claim_number: str, actor: str, moment: dt.datetime
) -> PieceRow:
    """Goods go back to their supplier with a claim; they leave the place. Raises ReturnMovedOn, NotKeptApart."""
    if piece.is_ended or piece.disposition != "supplier":
        raise ReturnMovedOn(number=held.number, state="settled", wanted="sending to the supplier")
    _leave_bin(held=held, piece=piece, disposition="supplier", actor=actor, moment=moment)
    send_away(
        goods=_apart(held=held, piece=piece), way="supplier", cause_kind=CAUSE, cause_key=held.number, moment=moment
    )
    ReturnPiece.objects.filter(pk=piece.id).update(ended_at=moment, claim_number=claim_number, claimed_from=supplier)
    return _row(piece.id)


def next_claim_number(*, moment: dt.datetime) -> str:
    """The number of the next claim of the day; the caller holds the lock of claims."""
    day = f"RC{moment.astimezone(dt.UTC):%y%m%d}"
    known = ReturnPiece.objects.filter(claim_number__startswith=f"{day}-").values("claim_number").distinct()
    return f"{day}-{known.count() + 1}"


def _divide(*, held: HeldReturn, piece: PieceRow, units: Decimal) -> PieceRow:
    if not 0 < units <= piece.units or piece.is_ended:
        raise ReturnMovedOn(number=held.number, state="changed", wanted="this")
    if units == piece.units:
        return piece
    count = ReturnPiece.objects.filter(line_id=piece.line_id).count()
    ReturnPiece.objects.filter(pk=piece.id).update(units=piece.units - units)
    made = ReturnPiece.objects.create(
        line_id=piece.line_id,
        product_id=piece.product_id,
        units=units,
        lot=piece.lot,
        expires_date=piece.expires_date,
        grade=piece.grade,
        disposition=piece.disposition,
        reason=piece.reason,
        is_overridden=piece.is_overridden,
        bin_code=piece.bin_code,
        idempotency_key=idempotency_key("divided", piece.id, piece.units, count),
    )
    divide_apart(
        hold_key=piece.hold_key, new_key=hold_key_of(piece_id=made.pk), units=units, product_id=piece.product_id
    )
    return _row(made.pk)


def _stand(*, held: HeldReturn, piece: PieceRow, disposition: str, actor: str, moment: dt.datetime) -> None:
    """Put goods that are kept apart into a bin of their own zone, where the place has one."""
    purposes = _ZONES[disposition]
    found = (
        Bin.objects.filter(
            place__code=held.place_code,
            zone__purpose__in=purposes,
            zone__temperature_class=piece.temperature_class,
            is_active=True,
        )
        .select_related("zone")
        .order_by("code")
    )
    best = min(found, key=lambda one: (purposes.index(one.zone.purpose), one.code), default=None)
    if best is None or best.code == piece.bin_code:
        return
    _move(held=held, piece=piece, target=best.code, actor=actor, moment=moment)
    ReturnPiece.objects.filter(pk=piece.id).update(bin_code=best.code)


def _leave_bin(*, held: HeldReturn, piece: PieceRow, disposition: str, actor: str, moment: dt.datetime) -> None:
    """Goods that are free again, or gone, leave the bin in which they were kept apart: to be put away, or for good."""
    if not piece.bin_code:
        return
    # Somebody may have carried them to another bin of the zone by hand.
    there = [
        one
        for one in list_in_bins(place_code=held.place_code, product_ids=[piece.product_id])
        if (one.owner, one.lot) == (piece.owner, piece.lot) and one.purpose in {"returns", "quarantine"}
    ]
    left = piece.units
    for one in sorted(there, key=lambda each: (each.bin_code != piece.bin_code, each.bin_code)):
        units = min(left, one.units)
        if units > 0:
            _move(held=held, piece=piece, source=one.bin_code, units=units, target="", actor=actor, moment=moment)
            left -= units
    ReturnPiece.objects.filter(pk=piece.id).update(bin_code="")


def _move(
    *,
    held: HeldReturn,
    piece: PieceRow,
    target: str,
    actor: str,
    moment: dt.datetime,
    source: str | None = None,
    units: Decimal | None = None,
) -> None:
    origin = piece.bin_code if source is None else source
    move_between_bins(
        moves=[
            NewBinMove(
                key=idempotency_key("return_bin", piece.id, origin, target, piece.disposition, moment.isoformat()),
                kind="move" if origin else "put_away",
                product_id=piece.product_id,
                units=units or piece.units,
                source=origin,
                target=target,
                cause_kind=CAUSE,
                cause_key=held.number,
                actor=actor,
                happened_at=moment,
                owner=piece.owner,
                lot=piece.lot,
                expires_date=piece.expires_date,
            )
        ]
    )


def _apart(*, held: HeldReturn, piece: PieceRow) -> ApartGoods:
    return ApartGoods(
        hold_key=piece.hold_key,
        product_id=piece.product_id,
        place_code=held.place_code,
        units=piece.units,
        owner=piece.owner,
        lot=piece.lot,
        expires_date=piece.expires_date,
    )


def _row(piece_id: int) -> PieceRow:
    return piece_row(ReturnPiece.objects.select_related("product").get(pk=piece_id))
