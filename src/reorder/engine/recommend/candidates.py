"""First stage: the few dozen products that a customer might want, from four sources, so that ranking stays cheap."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from reorder.engine.recommend.shop import Shop

if TYPE_CHECKING:
    import scipy.sparse as sp

POPULAR = 45
_POPULAR_BY = ("popular_7", "popular_30", "popular")
_ALIKE = 40
_AFTER = 20
_TOGETHER = 20
_CATEGORIES = 8
_A_CATEGORY = 5


@dataclass(frozen=True, slots=True)
class Affinity:
    """How strongly a customer's products point to each product (rows: customers of this part)."""

    together: "sp.csr_matrix"  # all own products, recent ones more, within baskets
    with_last: "sp.csr_matrix"  # the last basket alone
    alike: "sp.csr_matrix"  # what customers of the same products own
    after: "sp.csr_matrix"  # what follows the last basket


def measure_affinity(*, pairs: pl.DataFrame, customers_count: int, shop: Shop) -> Affinity:
    """Affinities from pairs (customer, item, recency_weight, baskets_ago), customers numbered from 0."""
    shape = (customers_count, len(shop.assortment))
    owned = _matrix(pairs=pairs, weights=pairs["recency_weight"].to_numpy(), shape=shape)
    ever = _matrix(pairs=pairs, weights=np.ones(pairs.height), shape=shape)
    latest = pairs.filter(pl.col("baskets_ago") == 0)
    last = _matrix(pairs=latest, weights=np.ones(latest.height), shape=shape)
    near = shop.neighbours
    return Affinity(
        together=_sorted(_scaled(owned, power=1.0) @ near.together),
        with_last=_sorted(_scaled(last, power=1.0) @ near.together),
        alike=_sorted(_scaled(ever, power=0.5) @ near.alike),
        after=_sorted(_scaled(last, power=1.0) @ near.after),
    )


def list_candidates(
    *, pairs: pl.DataFrame, customers_count: int, shop: Shop, affinity: Affinity, least: int
) -> pl.DataFrame:
    """Candidates of each customer, sorted: customer, item. At least `least` products where the shop has so many."""
    own = pairs.select("customer", "item")
    parts = [
        own,
        _popular(customers_count=customers_count, shop=shop, least=least),
        _strongest(affinity.alike, kept=_ALIKE),
        _strongest(affinity.after, kept=_AFTER),
        _strongest(affinity.together, kept=_TOGETHER),
        _of_own_categories(pairs=pairs, shop=shop),
    ]
    return (
        pl.concat(part.cast({"customer": pl.Int32, "item": pl.Int32}) for part in parts)
        .unique()
        .sort("customer", "item")
    )


def look_up(*, matrix: "sp.csr_matrix", customer: np.ndarray, item: np.ndarray) -> np.ndarray:
    """Entries of a matrix with sorted rows at (customer, item), 0 where there is none."""
    width = np.int64(matrix.shape[1])
    keys = np.repeat(np.arange(matrix.shape[0], dtype=np.int64), np.diff(matrix.indptr)) * width + matrix.indices
    wanted = customer.astype(np.int64) * width + item
    if not len(keys):
        return np.zeros(len(wanted), dtype=np.float32)
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[place] == wanted, matrix.data[place], 0.0).astype(np.float32)


def _matrix(*, pairs: pl.DataFrame, weights: np.ndarray, shape: tuple[int, int]) -> "sp.csr_matrix":
    import scipy.sparse as sp

    places = (pairs["customer"].to_numpy(), pairs["item"].to_numpy())
    return sp.csr_matrix((weights.astype(np.float32), places), shape=shape)


def _scaled(matrix: "sp.csr_matrix", *, power: float) -> "sp.csr_matrix":
    import scipy.sparse as sp

    mass = np.maximum(np.asarray(matrix.sum(axis=1)).ravel(), 1e-6) ** power
    return sp.diags((1 / mass).astype(np.float32)) @ matrix


def _sorted(matrix: "sp.csr_matrix") -> "sp.csr_matrix":
    rows = matrix.tocsr()
    rows.sort_indices()
    return rows


def _strongest(matrix: "sp.csr_matrix", *, kept: int) -> pl.DataFrame:
    rows = np.repeat(np.arange(matrix.shape[0], dtype=np.int32), np.diff(matrix.indptr))
    entries = pl.DataFrame({"customer": rows, "item": matrix.indices, "weight": matrix.data})
    # Ties at the edge are all taken: which of them comes first must not depend on chance.
    place = pl.col("weight").rank("min", descending=True).over("customer")
    return entries.filter(place <= kept).select("customer", "item")


def _popular(*, customers_count: int, shop: Shop, least: int) -> pl.DataFrame:
    count = max(POPULAR, least)
    items = np.unique(
        np.concatenate([np.argsort(-shop.products[name].to_numpy(), kind="stable")[:count] for name in _POPULAR_BY])
    )
    customers = np.arange(customers_count, dtype=np.int32)
    return pl.DataFrame(
        {"customer": np.repeat(customers, len(items)), "item": np.tile(items.astype(np.int32), customers_count)}
    )


def _of_own_categories(*, pairs: pl.DataFrame, shop: Shop) -> pl.DataFrame:
    """The popular products of the categories from which a customer buys most."""
    category = shop.assortment.category_of
    products = pl.DataFrame(
        {"category": category, "item": np.arange(len(category), dtype=np.int32), "popular": shop.products["popular_14"]}
    )
    best = (
        products.sort(["category", "popular", "item"], descending=[False, True, False])
        .group_by("category", maintain_order=True)
        .head(_A_CATEGORY)
    )
    favourite = (
        pairs.with_columns(category=pl.Series(category[pairs["item"].to_numpy()]))
        .group_by("customer", "category")
        .agg(weight=pl.col("recency_weight").sum().round(9))
        .sort(["customer", "weight", "category"], descending=[False, True, False])
        .group_by("customer", maintain_order=True)
        .head(_CATEGORIES)
    )
    return favourite.join(best, on="category").select("customer", "item")
