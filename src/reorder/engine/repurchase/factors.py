"""Which products go together in the same customers' hands: a few numbers a product, by singular vectors.

A pair that fits what the customer otherwise buys is bought again more surely than its own few purchases can tell.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from reorder.engine.repurchase.purchases import Coded, Numbers, Pairs

FACTORS: Final = 24
_OVERSAMPLE: Final = 8
_POWER_SWEEPS: Final = 4
_MIN_PRODUCTS: Final = 8


@dataclass(frozen=True, slots=True)
class ProductFactors:
    """`vectors[product]` for the products `skus` (sorted); others have no direction."""

    skus: pl.Series
    vectors: Numbers

    def of(self, *, skus: pl.Series) -> Numbers:
        """One row a sku; zeros for an unknown one."""
        known = pl.DataFrame({"sku": self.skus}).with_columns(row=pl.int_range(pl.len(), dtype=pl.Int64))
        rows = pl.DataFrame({"sku": skus}).join(known, on="sku", how="left", maintain_order="left")["row"]
        padded = np.vstack([self.vectors, np.zeros((1, self.vectors.shape[1]))])
        return np.asarray(padded[rows.fill_null(self.skus.len()).to_numpy()])


def learn_factors(*, coded: Coded, seed: int) -> ProductFactors:
    """Right singular vectors of customers × products, log purchases scaled to length one a customer.

    Randomised range finder with power sweeps (Halko, Martinsson & Tropp, SIAM Review 53, 2011, algorithm 4.4).
    """
    from scipy.sparse import csr_matrix

    skus = coded.statistics.products["sku"]
    weights = _weights(pairs=coded.pairs, customers_count=coded.statistics.customers.height)
    shape = (coded.statistics.customers.height, skus.len())
    size = min(FACTORS, min(shape) - 1)
    if skus.len() < _MIN_PRODUCTS or size < 1:
        return ProductFactors(skus=skus, vectors=np.zeros((skus.len(), 1)))
    matrix = csr_matrix((weights, (coded.pairs.customer, coded.pairs.product)), shape=shape)
    dice = np.random.default_rng(seed)
    basis = matrix @ dice.standard_normal((shape[1], min(size + _OVERSAMPLE, *shape)))
    for _ in range(_POWER_SWEEPS):
        basis, _triangle = np.linalg.qr(basis)
        basis, _triangle = np.linalg.qr(matrix.T @ basis)
        basis = matrix @ basis
    basis, _triangle = np.linalg.qr(basis)
    _left, _values, right = np.linalg.svd((matrix.T @ basis).T, full_matrices=False)
    return ProductFactors(skus=skus, vectors=np.ascontiguousarray(right[:size].T))


def affinity(*, pairs: Pairs, vectors: Numbers, customers_count: int) -> tuple[Numbers, Numbers]:
    """How much each pair is expected in the customer's hands, and that over how much it is; all pairs of each customer.

    `vectors` one row a product code.
    """
    from scipy.sparse import csr_matrix

    weights = _weights(pairs=pairs, customers_count=customers_count)
    used, product = np.unique(pairs.product, return_inverse=True)
    own = np.ascontiguousarray(vectors[used])
    matrix = csr_matrix((weights, (pairs.customer, product)), shape=(customers_count, used.size))
    tastes = np.asarray(matrix @ own)
    expected = np.zeros(pairs.product.size)
    for column in range(own.shape[1]):
        expected += tastes[pairs.customer, column] * own[product, column]
    return expected, expected / np.maximum(weights, 1e-9)


def _weights(*, pairs: Pairs, customers_count: int) -> Numbers:
    logs = np.log1p(pairs.repurchases + 1.0)
    length = np.sqrt(np.bincount(pairs.customer, weights=logs**2, minlength=customers_count))
    return np.asarray(logs / length[pairs.customer])
