"""Which products go together: sparse product–product weights at linear cost, the few strongest a product.

Three views: in one basket, by the same customer ever (item-item neighbours after Deshpande and Karypis 2004), and
in a customer's next basket (the transitions that Rendle et al. 2010 factorise). Large baskets are cut out of the count,
because each would cost the square of its size and say the least.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    import scipy.sparse as sp

MOST_PRODUCTS_A_BASKET = 60
MOST_PRODUCTS_A_CUSTOMER = 100  # the latest ones
_KEPT = {"together": 25, "alike": 50, "after": 25}
_SHRINK = {"together": 5.0, "alike": 0.3, "after": 3.0}
_COMPANIONS = 10
_MIN_TOGETHER = 2
_PRIOR_BASKETS = 2.0


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Weights from product (row) to product (column), rows pruned to the strongest; and companions by lift.

    companions: item, rank, other, lift, together (baskets that held both).
    """

    together: "sp.csr_matrix"
    alike: "sp.csr_matrix"
    after: "sp.csr_matrix"
    companions: pl.DataFrame


def count_neighbours(*, purchases: pl.DataFrame, products_count: int) -> Neighbours:
    """Neighbours of every product from numbered purchases (customer, item, day, basket)."""
    import scipy.sparse as sp

    item = purchases["item"].to_numpy()
    basket = purchases.select(pl.struct("customer", "basket").rle_id()).to_series().to_numpy().astype(np.int64)
    baskets = _incidence(rows=basket, items=item, shape=(_length(basket), products_count))
    sizes = np.diff(baskets.indptr)
    small = sp.diags((sizes <= MOST_PRODUCTS_A_BASKET).astype(np.float32)) @ baskets
    both = _seen_again(_without_diagonal(small.T @ small))
    held = np.asarray(small.sum(axis=0)).ravel()
    return Neighbours(
        together=_prune(_cosine(both, held, held, shrink=_SHRINK["together"]), kept=_KEPT["together"]),
        alike=_alike(purchases=purchases, products_count=products_count),
        after=_after(purchases=purchases, basket=basket, small=small, held=held),
        companions=_companions(both=both, held=held, baskets_count=int((np.diff(small.indptr) > 0).sum())),
    )


def _length(rows: np.ndarray) -> int:
    return int(rows.max()) + 1 if len(rows) else 0


def _incidence(*, rows: np.ndarray, items: np.ndarray, shape: tuple[int, int]) -> "sp.csr_matrix":
    import scipy.sparse as sp

    return sp.csr_matrix((np.ones(len(rows), dtype=np.float32), (rows, items)), shape=shape)


def _alike(*, purchases: pl.DataFrame, products_count: int) -> "sp.csr_matrix":
    """Bought by the same customers, of whom the latest products count; a customer of many says less of each."""
    import scipy.sparse as sp

    pairs = (
        purchases.group_by("customer", "item")
        .agg(pl.col("day").max())
        .sort(["customer", "day", "item"], descending=[False, True, False])
        .group_by("customer", maintain_order=True)
        .head(MOST_PRODUCTS_A_CUSTOMER)
    )
    rows = pairs["customer"].to_numpy()
    owned = _incidence(rows=rows, items=pairs["item"].to_numpy(), shape=(_length(rows), products_count))
    scale = 1 / np.sqrt(np.maximum(np.diff(owned.indptr), 1))
    weighted = sp.diags(scale.astype(np.float32)) @ owned
    mass = np.maximum(np.asarray(weighted.multiply(weighted).sum(axis=0)).ravel(), 0.1)
    alike = _cosine(_without_diagonal(weighted.T @ weighted), mass, mass, shrink=_SHRINK["alike"])
    return _prune(alike, kept=_KEPT["alike"])


def _after(*, purchases: pl.DataFrame, basket: np.ndarray, small: "sp.csr_matrix", held: np.ndarray) -> "sp.csr_matrix":
    """In the basket after the one that held a product."""
    owner = np.full(small.shape[0], -1, dtype=np.int64)
    owner[basket] = purchases["customer"].to_numpy()
    earlier = np.flatnonzero(owner[:-1] == owner[1:])
    follows = _seen_again(_without_diagonal(small[earlier].T @ small[earlier + 1]))
    return _prune(_cosine(follows, held, held, shrink=_SHRINK["after"]), kept=_KEPT["after"])


def _without_diagonal(counts: "sp.spmatrix") -> "sp.coo_matrix":
    import scipy.sparse as sp

    full = counts.tocoo()
    other = full.row != full.col
    return sp.coo_matrix((full.data[other], (full.row[other], full.col[other])), shape=full.shape)


def _seen_again(counts: "sp.coo_matrix") -> "sp.coo_matrix":
    """Without pairs that were seen once: most of all pairs, and hardly more than chance."""
    import scipy.sparse as sp

    again = counts.data >= _MIN_TOGETHER
    return sp.coo_matrix((counts.data[again], (counts.row[again], counts.col[again])), shape=counts.shape)


def _cosine(counts: "sp.coo_matrix", of_row: np.ndarray, of_column: np.ndarray, *, shrink: float) -> "sp.coo_matrix":
    """Cosine, shrunk where few baskets speak: n/√(n_i n_j) · n/(n + shrink)."""
    import scipy.sparse as sp

    size = np.sqrt(np.maximum(of_row[counts.row], 0.1) * np.maximum(of_column[counts.col], 0.1))
    weight = counts.data * counts.data / (counts.data + shrink) / size
    return sp.coo_matrix((weight.astype(np.float32), (counts.row, counts.col)), shape=counts.shape)


def _prune(weights: "sp.coo_matrix", *, kept: int) -> "sp.csr_matrix":
    """The `kept` strongest of each row; ties go to the lower number, so that the answer never depends on order."""
    import scipy.sparse as sp

    order = np.lexsort((weights.col, -weights.data, weights.row))
    row = weights.row[order]
    starts = np.searchsorted(row, np.arange(weights.shape[0]))
    strong = np.arange(len(row)) - starts[row] < kept
    chosen = order[strong]
    pruned = sp.csr_matrix((weights.data[chosen], (weights.row[chosen], weights.col[chosen])), shape=weights.shape)
    pruned.sort_indices()
    return pruned


def _companions(*, both: "sp.coo_matrix", held: np.ndarray, baskets_count: int) -> pl.DataFrame:
    """The rule of `also_bought` on baskets: more often together than by chance, shrunk by two expected baskets."""
    by_chance = held[both.row] * held[both.col] / max(baskets_count, 1)
    pairs = pl.DataFrame(
        {
            "item": both.row.astype(np.int32),
            "other": both.col.astype(np.int32),
            "together": both.data.astype(np.int64),
            "lift": both.data / np.maximum(by_chance, 1e-9),
            "weight": (both.data + _PRIOR_BASKETS) / (by_chance + _PRIOR_BASKETS),
        }
    ).filter(pl.col("lift") > 1.0)
    return (
        pairs.sort(["item", "weight", "other"], descending=[False, True, False])
        .with_columns(rank=pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("item"))
        .filter(pl.col("rank") <= _COMPANIONS)
        .select("item", "rank", "other", "lift", "together")
    )
