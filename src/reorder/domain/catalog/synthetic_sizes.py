"""Sizes and weights for a demonstration whose products came without any: made up, the same for a SKU each time."""

from typing import Final

from reorder.domain.storage import run_sql

# Sides of 40 to 260 mm, longest first; 0.2 to 0.9 g a millilitre. About one product in fifty breaks.
_ENTER: Final = """
UPDATE catalog_product AS product SET length_mm = made.long, width_mm = made.middle, height_mm = made.short,
       weight_grams = greatest(20, (made.long * made.middle * made.short / 1000.0
                                    * (0.2 + (made.dice[4] % 70) / 100.0))::int),
       is_fragile = made.dice[5] % 50 = 0
FROM (SELECT id, dice, 90 + dice[1] % 170 AS long, 60 + dice[2] % 30 + (dice[1] % 170) / 3 AS middle,
             40 + dice[3] % 50 AS short
      FROM (SELECT id, ARRAY[abs(hashtext(sku || 'l')), abs(hashtext(sku || 'w')), abs(hashtext(sku || 'h')),
                             abs(hashtext(sku || 'g')), abs(hashtext(sku || 'f'))] AS dice
            FROM catalog_product WHERE length_mm IS NULL AND weight_grams IS NULL) AS thrown) AS made
WHERE made.id = product.id
"""


def enter_synthetic_sizes() -> int:
    """Give every product without size and weight one that is made up; how many. For demonstrations only."""
    return run_sql(statement=_ENTER)
