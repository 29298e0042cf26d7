"""Tidy signals: prices, promotions, competitors' prices, events, holidays, weather and closed days, one value a row."""

import polars as pl

from reorder.connectors.base import Kind, Refusals, ShopDefaults, Translated, shape_staged
from reorder.connectors.base.cells import Cells
from reorder.connectors.base.moments import find_moments, read_dates
from reorder.connectors.base.numbers import is_given, read_numbers
from reorder.connectors.base.texts import LONGEST_KEY, read_choice, read_text

_KINDS = {
    "price": "price", "售價": "price", "價格": "price",
    "promotion": "promotion", "promo": "promotion", "促銷": "promotion", "特價": "promotion",
    "competitor_price": "competitor_price", "competitor price": "competitor_price", "competitor": "competitor_price",
    "競爭者價格": "competitor_price", "競品價格": "competitor_price",
    "event": "event", "活動": "event", "檔期": "event",
    "holiday": "holiday", "假日": "holiday", "節日": "holiday",
    "weather": "weather", "天氣": "weather",
    "open": "open", "closed": "open", "opening": "open", "營業": "open", "公休": "open", "休息": "open",
}  # fmt: skip
_CLOSED_KINDS = ["closed", "公休", "休息"]
_DOORS = {
    "1": 1.0, "open": 1.0, "yes": 1.0, "true": 1.0, "是": 1.0, "營業": 1.0,
    "0": 0.0, "closed": 0.0, "no": 0.0, "false": 0.0, "否": 0.0, "公休": 0.0, "休息": 0.0,
}  # fmt: skip
_LONGEST = 200


class TidySignals:
    """Translates batches of signals; whether their products and places exist is settled when all are staged."""

    def __init__(self, *, columns: dict[str, str], shop: ShopDefaults) -> None:
        """`columns` maps our names to those of the file."""
        self._columns = columns
        self._shop = shop

    def translate(self, *, rows: pl.DataFrame) -> Translated:
        cells = Cells(rows=rows, columns=self._columns)
        refusals = Refusals(rows=rows)
        kinds, kind_column = cells.values(name="signal"), cells.column(name="signal")
        kind = read_choice(values=kinds, words=_KINDS, column=kind_column, refusals=refusals)
        refusals.refuse(where=~is_given(values=kinds), column=kind_column, values=kinds, code="text.missing")
        number = self._number(cells=cells, kind=kind, refusals=refusals)
        staged = pl.DataFrame({"row_number": rows["row_number"]}).with_columns(
            kind=kind,
            date=self._date(cells=cells, refusals=refusals),
            known_at=self._known(cells=cells, refusals=refusals),
            number=number,
            **self._texts(cells=cells, kind=kind, number=number, refusals=refusals),
        )
        refused = refusals.frame()
        kept = staged.filter(~staged["row_number"].is_in(refused["row_number"].unique().to_list()))
        return Translated(rows=shape_staged(rows=kept, kind=Kind.SIGNALS), refused=refused)

    def _date(self, *, cells: Cells, refusals: Refusals) -> pl.Series:
        values, column = cells.values(name="date"), cells.column(name="date")
        date = read_dates(values=values, column=column, refusals=refusals)
        refusals.refuse(where=~is_given(values=values), column=column, values=values, code="text.missing")
        refusals.refuse(
            where=(date.dt.year() < 1990) | (date.dt.year() > self._shop.latest_at.year + 3),
            column=column,
            values=values,
            code="signal.date_out_of_range",
        )
        return date

    def _known(self, *, cells: Cells, refusals: Refusals) -> pl.Series:
        values, column = cells.values(name="known_at"), cells.column(name="known_at")
        moment = find_moments(values=values, time_zone=self._shop.time_zone)
        wrong = is_given(values=values) & moment.is_null()
        refusals.refuse(where=wrong, column=column, values=values, code="moment.not_a_moment")
        late = moment > self._shop.latest_at
        refusals.refuse(where=late, column=column, values=values, code="signal.known_in_future")
        return moment

    def _number(self, *, cells: Cells, kind: pl.Series, refusals: Refusals) -> pl.Series:
        """The value as a number, as the kind wants it: `20%` is 0.2 of a promotion, `closed` is 0 of a day."""
        values, column = cells.values(name="value"), cells.column(name="value")
        given = is_given(values=values)
        text = values.str.strip_chars().str.to_lowercase()
        percent = text.str.extract(r"^([0-9.]+)\s*[%％]$").cast(pl.Float64, strict=False) / 100
        number = read_numbers(values=values).fill_null(percent)
        doors = text.replace_strict(_DOORS, default=None, return_dtype=pl.Float64)
        kinds = cells.values(name="signal").str.strip_chars().str.to_lowercase()
        doors = doors.set((kinds.is_in(_CLOSED_KINDS) & ~given).fill_null(value=False), 0.0)
        is_open = (kind == "open").fill_null(value=False)
        number = number.zip_with(~is_open, doors)
        priced = kind.is_in(["price", "competitor_price"])
        faults = {
            "signal.open": is_open & number.is_null(),
            "signal.number": priced & (number.is_null() | (number < 0)).fill_null(value=True),
            "signal.discount": (kind == "promotion") & given & (~number.is_between(0, 1)).fill_null(value=True),
        }
        for code, wrong in faults.items():
            refusals.refuse(where=wrong, column=column, values=values, code=code)
        return number

    def _texts(self, *, cells: Cells, kind: pl.Series, number: pl.Series, refusals: Refusals) -> dict[str, pl.Series]:
        limits = {"sku": LONGEST_KEY, "category": LONGEST_KEY, "place": 100, "name": _LONGEST, "source": _LONGEST}
        texts = {}
        for name, limit in limits.items():
            ours = "signal_name" if name == "name" else name
            values, column = cells.values(name=ours), cells.column(name=ours)
            overlong = values.str.strip_chars().str.len_chars() > limit
            refusals.refuse(where=overlong, column=column, values=values, code="text.too_long", detail=str(limit))
            texts[name] = read_text(values=values)
        values = cells.values(name="value")
        words = read_text(values=values).set(number.is_not_null().fill_null(value=False), None)
        # An event or a holiday may write its name where others write a value.
        is_named = kind.is_in(["event", "holiday"]).fill_null(value=False)
        texts["name"] = texts["name"].zip_with(~is_named, texts["name"].fill_null(words))
        unnamed = kind.is_in(["event", "holiday", "weather"]) & texts["name"].is_null()
        refusals.refuse(
            where=unnamed,
            column=cells.column(name="signal_name"),
            values=cells.values(name="signal_name"),
            code="text.missing",
        )
        empty = (kind == "weather") & number.is_null() & words.is_null()
        refusals.refuse(where=empty, column=cells.column(name="value"), values=values, code="signal.no_value")
        two = texts["sku"].is_not_null() & texts["category"].is_not_null()
        refusals.refuse(
            where=two, column=cells.column(name="category"), values=texts["category"], code="signal.two_scopes"
        )
        priced = kind.is_in(["price", "competitor_price"]) & texts["sku"].is_null()
        refusals.refuse(where=priced, column=cells.column(name="sku"), values=texts["sku"], code="text.missing")
        return texts | {
            "text": words.zip_with(~is_named, pl.Series([None], dtype=pl.String).new_from_index(0, len(words)))
        }
