"""ABC by how much money a product turns over, XYZ by how regularly it sells."""

import datetime as dt

import polars as pl


def grade_products(*, products: pl.DataFrame, as_of: dt.date) -> pl.DataFrame:
    """product_id, place, abc, xyz."""
    del products, as_of
    return pl.DataFrame(schema={"product_id": pl.Int64, "place": pl.String, "abc": pl.String, "xyz": pl.String})
