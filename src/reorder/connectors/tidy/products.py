"""Tidy products, with a supplier's offer beside them where the file has one."""

import polars as pl

from reorder.connectors.base import Kind, Refusals, ShopDefaults, Translated, shape_staged
from reorder.connectors.base.cells import Cells
from reorder.connectors.base.numbers import is_given, read_minor, read_units_milli, read_whole
from reorder.connectors.base.texts import read_choice, read_currency, read_email, read_key, read_text, read_yes_no

_TEXTS = {
    "name": "name",
    "brand": "brand",
    "category": "category",
    "barcode": "barcode",
    "hazard_class": "hazard_class",
    "keep_apart": "keep_apart",
    "goods_owner": "goods_owner",
    "supplier": "supplier",
    "supplier_name": "supplier_name",
    "supplier_sku": "supplier_sku",
    "like_sku": "like_sku",
}
_WHOLES = ("weight_grams", "length_mm", "width_mm", "height_mm", "shelf_life_days", "lead_days")
_CHOICES: dict[str, tuple[str, dict[str, str]]] = {
    "temperature_class": (
        "temperature_class",
        {
            "ambient": "ambient", "chilled": "chilled", "frozen": "frozen",
            "常溫": "ambient", "冷藏": "chilled", "冷凍": "frozen",
        },
    ),
    "planned_by": ("planned_by", {"product": "product", "category": "category"}),
    "state": (
        "status",
        {
            "active": "active", "上架": "active", "draft": "discontinued", "archived": "discontinued",
            "discontinued": "discontinued", "inactive": "discontinued", "下架": "discontinued", "停售": "discontinued",
        },
    ),
}  # fmt: skip
_LONGEST_LEAD_DAYS = 365
# Nothing is packed by more than a million.
_MOST_PACK_MILLI = 10**9
_SELLING_UNIT = ("each", "ea", "unit", "piece", "pc", "pcs", "個", "件")
_WEEKDAYS = r"^[1-7]([ ,;|]+[1-7])*$"


class TidyProducts:
    """Translates batches of products; an empty cell leaves what is known as it is."""

    def __init__(self, *, columns: dict[str, str], shop: ShopDefaults) -> None:
        """`columns` maps our names to those of the file."""
        self._columns = columns
        self._shop = shop

    def translate(self, *, rows: pl.DataFrame) -> Translated:
        cells = Cells(rows=rows, columns=self._columns)
        refusals = Refusals(rows=rows)
        facts = self._texts(cells=cells, refusals=refusals)
        facts |= self._numbers(cells=cells, refusals=refusals)
        facts |= self._choices(cells=cells, refusals=refusals)
        staged = pl.DataFrame({"row_number": rows["row_number"]}).with_columns(**facts)
        refused = refusals.frame()
        kept = staged.filter(~staged["row_number"].is_in(refused["row_number"].unique().to_list()))
        return Translated(rows=shape_staged(rows=kept, kind=Kind.PRODUCTS), refused=refused)

    def _texts(self, *, cells: Cells, refusals: Refusals) -> dict[str, pl.Series]:
        facts = {ours: read_text(values=cells.values(name=name)) for ours, name in _TEXTS.items()}
        facts["category"] = facts["category"].str.head(100)
        facts["sku"] = read_key(values=cells.values(name="sku"), column=cells.column(name="sku"), refusals=refusals)
        facts["supplier_email"] = read_email(values=cells.values(name="supplier_email"))
        facts["is_oversize"] = read_yes_no(values=cells.values(name="oversize"))
        facts["is_upright"] = read_yes_no(values=cells.values(name="upright"))
        facts["is_fragile"] = read_yes_no(values=cells.values(name="fragile"))
        days = read_text(values=cells.values(name="order_weekdays"))
        wrong = ~days.str.contains(_WEEKDAYS)
        refusals.refuse(
            where=wrong,
            column=cells.column(name="order_weekdays"),
            values=days,
            code="choice.unknown",
            detail="1 (Monday) to 7 (Sunday), for example 1 3 5",
        )
        facts["order_weekdays"] = days.str.replace_all(r"[ ,;|]+", ",")
        return facts

    def _numbers(self, *, cells: Cells, refusals: Refusals) -> dict[str, pl.Series]:
        currency = read_currency(
            values=cells.values(name="currency"),
            default=self._shop.currency,
            column=cells.column(name="currency"),
            refusals=refusals,
        )
        facts = {"currency": currency}
        amounts = {"price_minor": "price", "unit_cost_minor": "cost", "order_unit_cost_minor": "case_cost"}
        for ours, name in amounts.items():
            facts[ours] = read_minor(
                values=cells.values(name=name), currency=currency, column=cells.column(name=name), refusals=refusals
            )
        for name in _WHOLES:
            facts[name] = read_whole(values=cells.values(name=name), column=cells.column(name=name), refusals=refusals)
        refusals.refuse(
            where=facts["lead_days"] > _LONGEST_LEAD_DAYS,
            column=cells.column(name="lead_days"),
            values=cells.values(name="lead_days"),
            code="lead_days.too_long",
            detail=str(_LONGEST_LEAD_DAYS),
        )
        for ours, name in {"pack_milli": "pack", "minimum_milli": "minimum"}.items():
            raw = cells.values(name=name)
            # An empty cell means one unit here, so only given cells are judged.
            judged = raw.set(~is_given(values=raw), "1")
            facts[ours] = _read_pack(values=judged, column=cells.column(name=name), refusals=refusals)
        return facts | self._order_unit(cells=cells, refusals=refusals)

    def _order_unit(self, *, cells: Cells, refusals: Refusals) -> dict[str, pl.Series]:
        """The unit an offer is bought in and what it holds: both or neither; without a name it is a case."""
        code = read_text(values=cells.values(name="order_unit")).str.head(40)
        code = code.set(code.str.to_lowercase().is_in(_SELLING_UNIT).fill_null(value=False), None)
        raw = cells.values(name="units_per_case")
        held = is_given(values=raw)
        refusals.refuse(
            where=code.is_not_null() & ~held,
            column=cells.column(name="order_unit"),
            values=code,
            code="order_unit.size_missing",
        )
        milli = _read_pack(values=raw.set(~held, "1"), column=cells.column(name="units_per_case"), refusals=refusals)
        return {"order_unit": code.set(held & code.is_null(), "case"), "order_unit_milli": milli.set(~held, None)}

    def _choices(self, *, cells: Cells, refusals: Refusals) -> dict[str, pl.Series]:
        return {
            ours: read_choice(
                values=cells.values(name=name), words=words, column=cells.column(name=name), refusals=refusals
            )
            for ours, (name, words) in _CHOICES.items()
        }


def _read_pack(*, values: pl.Series, column: str, refusals: Refusals) -> pl.Series:
    milli = read_units_milli(values=values, column=column, refusals=refusals)
    large = (milli > _MOST_PACK_MILLI).fill_null(value=False)
    refusals.refuse(where=large, column=column, values=values, code="units.too_large")
    return milli.set(large, None)
