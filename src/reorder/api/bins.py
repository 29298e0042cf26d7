"""Bins: where in a place goods stand."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Literal

from ninja import Query, Router, Schema
from pydantic import Field

from reorder.api.access import ApiRequest, reads
from reorder.api.fields import Cursor, ExactUnits, Key, Limit
from reorder.api.paging import cut_page, decode_cursor, encode_cursor
from reorder.domain.inventory.errors import UnknownPlace
from reorder.domain.staff.rules import Ability
from reorder.insights import warehouse_floor
from reorder.insights.warehouse_floor import BinContentLine, BinLine, BinTab

router = Router(tags=["stock"])
_LIST = "bins"
Holding = Literal["any", "goods", "nothing"]
_TABS: dict[Holding, BinTab] = {"any": "all", "goods": "full", "nothing": "empty"}


class BinContent(Schema):
    """Units of a lot that stand in a bin."""

    sku: str
    owner: str = Field(description="Whose goods these are; `self` is the shop.")
    lot: str
    expires: dt.date | None
    units: ExactUnits


class BinItem(Schema):
    """A bin and what stands in it."""

    code: str
    place: str
    zone: str
    purpose: Literal["pick", "bulk", "quarantine", "returns", "hazard"] = Field(
        description="Orders are picked from `pick` and `bulk` only."
    )
    temperature: Literal["ambient", "chilled", "frozen"]
    level: int = Field(description="1 is the lowest shelf.")
    is_open: bool
    length_mm: int | None = Field(description="null where it is not known; it is not checked then.")
    width_mm: int | None
    height_mm: int | None
    max_grams: int | None
    contents: list[BinContent]


class BinPage(Schema):
    """A page of bins by code."""

    items: list[BinItem]
    next_cursor: str | None


class BinFilter(Schema):
    """What to list."""

    place: Key | None = None
    zone: Key | None = None
    holding: Holding = Field(default="any", description="Only bins with `goods` in them, or with `nothing`.")


@reads(
    router,
    "/bins",
    ability=Ability.VIEW_STOCK,
    answer=BinPage,
    summary="List open bins by code, with what stands there",
)
def list_bins(request: ApiRequest, wanted: Query[BinFilter], limit: Limit = 50, cursor: Cursor = None) -> BinPage:
    after = decode_cursor(of=_LIST, text=cursor, kinds=(str,))
    if wanted.place is not None and not request.auth.may_at(wanted.place):
        raise UnknownPlace(place=wanted.place)
    places = [wanted.place] if wanted.place is not None else sorted(request.auth.place_codes) or None
    rows = warehouse_floor.list_bins(
        places=places,
        tab=_TABS[wanted.holding],
        zone=wanted.zone or "",
        after=after[0] if after else None,
        limit=limit + 1,
    )
    shown, last = cut_page(rows=rows, limit=limit)
    following = encode_cursor(of=_LIST, values=(last.code,)) if last else None
    return BinPage(items=_items(shown), next_cursor=following)


@reads(router, "/bins/{code}", ability=Ability.VIEW_STOCK, answer=BinItem, summary="One bin and what stands there")
def get_bin(request: ApiRequest, code: str) -> BinItem:
    return _items([warehouse_floor.get_bin(actor=request.auth, code=code)])[0]


def _items(rows: Sequence[BinLine]) -> list[BinItem]:
    contents: dict[str, list[BinContentLine]] = defaultdict(list)
    for line in warehouse_floor.list_contents(codes=[row.code for row in rows]):
        contents[line.bin_code].append(line)
    return [_item(row, contents=contents[row.code]) for row in rows]


def _item(row: BinLine, *, contents: Sequence[BinContentLine]) -> BinItem:
    return BinItem(
        code=row.code,
        place=row.place_code,
        zone=row.zone,
        purpose=row.purpose,
        temperature=row.temperature_class,
        level=row.level,
        is_open=row.is_active,
        length_mm=row.length_mm,
        width_mm=row.width_mm,
        height_mm=row.height_mm,
        max_grams=row.max_grams,
        contents=[
            BinContent(sku=one.sku, owner=one.owner, lot=one.lot, expires=one.expires_date, units=Decimal(one.units))
            for one in contents
        ],
    )
