"""What stands in bins, as a file: the first filling of a warehouse whose goods were in no bin so far.

Columns: `bin`, `sku`, `units`, `lot` (empty: none), `owner` (empty: the shop). All lines or none.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from reorder.domain.catalog.queries import list_products_by_sku
from reorder.domain.inventory.rules import OWN_GOODS
from reorder.domain.staff.operations import record_audit
from reorder.domain.storage import one_transaction
from reorder.domain.warehouse.bin_stock import LooseGoods, NewBinMove, list_loose, move_between_bins
from reorder.domain.warehouse.putting_away import list_misfits
from reorder.flows.floor_plan.lines import Line, read_lines, refuse_faults
from reorder.kernel.ids import idempotency_key

COLUMNS: Final = ("bin", "sku", "units", "lot", "owner")
REASON_TEMPLATES: Final = (
    "it is in whole units",
    "more than waits to be put away",
    "there is no such bin at this place",
    "there is no such product",
)


@dataclass(frozen=True, slots=True)
class BinContent:
    """Units of a product's lot that stand in a bin."""

    bin_code: str
    product_id: int
    owner: str
    lot: str
    units: Decimal


def read_contents(*, content: bytes, place_code: str) -> list[BinContent]:
    """What stands in bins by a file. Raises FileFaults with every line that cannot be taken."""
    lines = read_lines(content=content, needed=["bin", "sku", "units"], known=COLUMNS)
    products = list_products_by_sku(skus=[line.text("sku") for line in lines])
    contents = []
    for line in lines:
        units = line.number_of("units", is_needed=True)
        product = products.get(line.text("sku"))
        if product is None:
            line.refuse("sku", "there is no such product")
        if units is not None and units <= 0:
            line.refuse("units", "it is not above 0")
        elif (
            units is not None
            and product is not None
            and not _is_count(units, is_whole=not product.is_sold_in_fractions)
        ):
            line.refuse("units", "it is in whole units")
        contents.append(
            BinContent(
                bin_code="".join(line.text("bin").split()).upper(),
                product_id=product.id if product else 0,
                owner=line.text("owner") or OWN_GOODS,
                lot=line.text("lot"),
                units=units or Decimal(0),
            )
        )
    refuse_faults(lines=lines)
    _refuse_wrong(lines, contents=contents, place_code=place_code)
    return contents


def _is_count(units: Decimal, *, is_whole: bool) -> bool:
    """Whether so many units of a product can be: whole ones, or with three decimals where it is sold by weight."""
    return units == units.quantize(Decimal(1) if is_whole else Decimal("0.001"))


def fill_bins(*, place_code: str, contents: Sequence[BinContent], actor: str, moment: dt.datetime) -> int:
    """Put goods that wait into bins, all or none; returns how many moves. Raises what `move_between_bins` raises."""
    cause = idempotency_key("contents", place_code, moment.isoformat())
    moves = [
        NewBinMove(
            key=idempotency_key(cause, number),
            kind="put_away",
            product_id=one.product_id,
            units=one.units,
            source="",
            target=one.bin_code,
            cause_kind="bins_file",
            cause_key=cause,
            actor=actor,
            happened_at=moment,
            owner=one.owner,
            lot=one.lot,
            expires_date=expires.get((one.product_id, one.owner, one.lot)),
        )
        for expires in [_expires_dates(place_code=place_code, contents=contents)]
        for number, one in enumerate(contents)
    ]
    with one_transaction():
        count = move_between_bins(moves=moves)
        record_audit(
            actor=actor,
            action="warehouse.fill_bins",
            subject_kind="place",
            subject_key=place_code,
            details={"lines": count},
        )
    return count


def _expires_dates(*, place_code: str, contents: Sequence[BinContent]) -> dict[tuple[int, str, str], dt.date | None]:
    loose = list_loose(place_code=place_code, product_ids=sorted({one.product_id for one in contents}))
    return {(one.product_id, one.owner, one.lot): one.expires_date for one in loose}


def _refuse_wrong(lines: Sequence[Line], *, contents: Sequence[BinContent], place_code: str) -> None:
    loose = list_loose(place_code=place_code, product_ids=sorted({one.product_id for one in contents}))
    left = {(one.product_id, one.owner, one.lot): one.units for one in loose}
    wanted = [LooseGoods(one.product_id, place_code, one.owner, one.lot, None, one.units) for one in contents]
    misfits = list_misfits(
        place_code=place_code, wanted=[(one.bin_code, goods) for one, goods in zip(contents, wanted, strict=True)]
    )
    for line, one, misfit in zip(lines, contents, misfits, strict=True):
        if misfit:
            line.refuse("bin", misfit)
        key = (one.product_id, one.owner, one.lot)
        left[key] = left.get(key, Decimal(0)) - one.units
        if left[key] < 0:
            line.refuse("units", "more than waits to be put away")
    refuse_faults(lines=lines)
