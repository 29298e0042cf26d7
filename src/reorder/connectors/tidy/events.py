"""Tidy events: what known customers looked at, put in the cart, searched for, or answered."""

import polars as pl

from reorder.connectors.base import Kind, Refusals, ShopDefaults, Translated, shape_staged
from reorder.connectors.base.cells import Cells
from reorder.connectors.base.moments import find_moments
from reorder.connectors.base.numbers import is_given
from reorder.connectors.base.texts import LONGEST_KEY, customer_keys, read_choice, read_email, read_text

_KINDS = {
    "view": "view", "viewed": "view", "product view": "view", "product_view": "view", "product viewed": "view",
    "view_item": "view", "page_view": "view", "瀏覽": "view", "檢視": "view", "瀏覽商品": "view",
    "cart": "cart", "add_to_cart": "cart", "add to cart": "cart", "added to cart": "cart", "product added": "cart",
    "購物車": "cart", "加入購物車": "cart", "加購": "cart",
    "search": "search", "searched": "search", "products searched": "search", "view_search_results": "search",
    "搜尋": "search", "查詢": "search",
    "promotion": "promotion", "promo": "promotion", "promotion click": "promotion", "promotion clicked": "promotion",
    "select_promotion": "promotion", "促銷": "promotion", "活動": "promotion", "點擊促銷": "promotion",
}  # fmt: skip
_LONGEST_SEARCH = 300
_NEEDS = {"sku": ["view", "cart"], "search_text": ["search"]}


class TidyEvents:
    """Translates batches of events; whether their customers and products exist is settled when all are staged."""

    def __init__(self, *, columns: dict[str, str], shop: ShopDefaults) -> None:
        """`columns` maps our names to those of the file."""
        self._columns = columns
        self._shop = shop

    def translate(self, *, rows: pl.DataFrame) -> Translated:
        cells = Cells(rows=rows, columns=self._columns)
        refusals = Refusals(rows=rows)
        kinds = cells.values(name="kind")
        kind = read_choice(values=kinds, words=_KINDS, column=cells.column(name="kind"), refusals=refusals)
        refusals.refuse(
            where=~is_given(values=kinds), column=cells.column(name="kind"), values=kinds, code="text.missing"
        )
        staged = pl.DataFrame({"row_number": rows["row_number"]}).with_columns(
            kind=kind,
            happened_at=self._moment(cells=cells, refusals=refusals),
            **self._who(cells=cells, refusals=refusals),
            **self._what(cells=cells, kind=kind, refusals=refusals),
        )
        refused = refusals.frame()
        kept = staged.filter(~staged["row_number"].is_in(refused["row_number"].unique().to_list()))
        return Translated(rows=shape_staged(rows=kept, kind=Kind.EVENTS), refused=refused)

    def _moment(self, *, cells: Cells, refusals: Refusals) -> pl.Series:
        values, column = cells.values(name="happened_at"), cells.column(name="happened_at")
        moment = find_moments(values=values, time_zone=self._shop.time_zone)
        given = is_given(values=values)
        refusals.refuse(where=~given, column=column, values=values, code="text.missing")
        refusals.refuse(where=given & moment.is_null(), column=column, values=values, code="moment.not_a_moment")
        refusals.refuse(where=moment.dt.year() < 1990, column=column, values=values, code="event.too_old", detail="0")
        return moment

    def _who(self, *, cells: Cells, refusals: Refusals) -> dict[str, pl.Series]:
        emails = cells.values(name="email")
        ids = cells.values(name="customer_id") if cells.has(name="customer_id") else None
        nobody = pl.Series([None], dtype=pl.String).new_from_index(0, cells.rows.height)
        key = customer_keys(ids=ids, emails=emails, order_keys=nobody, id_prefix=self._shop.id_prefix)
        column = cells.column(name="customer_id" if ids is not None else "email")
        refusals.refuse(
            where=key.is_null(), column=column, values=ids if ids is not None else emails, code="text.missing"
        )
        address = read_email(values=emails)
        # An address is looked for among all that a customer has only where it is what the row knows them by.
        return {"customer_key": key, "email": address.set((key != address).fill_null(value=False), None)}

    def _what(self, *, cells: Cells, kind: pl.Series, refusals: Refusals) -> dict[str, pl.Series]:
        limits = {"sku": LONGEST_KEY, "search_text": _LONGEST_SEARCH, "message_id": LONGEST_KEY}
        texts = {}
        for name, limit in limits.items():
            values, column = cells.values(name=name), cells.column(name=name)
            overlong = values.str.strip_chars().str.len_chars() > limit
            refusals.refuse(where=overlong, column=column, values=values, code="text.too_long", detail=str(limit))
            texts[name] = read_text(values=values)
            missing = kind.is_in(_NEEDS.get(name, [])) & texts[name].is_null()
            refusals.refuse(where=missing, column=column, values=values, code="text.missing")
        texts["search_text"] = texts["search_text"].str.replace_all(r"\s+", " ")
        return texts | {"message_id": self._shop.id_prefix + texts["message_id"]}
