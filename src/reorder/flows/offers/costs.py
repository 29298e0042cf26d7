"""What an offer does with goods of unknown cost: the assumed margin stands in, or nothing comes off them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.conf import settings

from reorder.domain.catalog.costs import find_without_cost
from reorder.domain.marketing.offers import OfferRow

# Offers that take something off goods; the others have no floor to keep.
_TAKES_OFF: Final = frozenset({"percent", "amount", "bundle"})


@dataclass(frozen=True, slots=True)
class CostGap:
    """Goods of an offer without a cost: how many, the first of them, and the margin that is assumed, None for none."""

    count: int
    products: Sequence[tuple[str, str]]
    assumed_share: float | None


def find_cost_gap(*, offer: OfferRow) -> CostGap | None:
    """What keeps an offer from being reckoned with; None where it takes nothing off goods or all costs are known."""
    if offer.kind not in _TAKES_OFF:
        return None
    terms = offer.terms
    skus, codes = terms.get_skus, terms.get_category_codes
    if not skus and not codes:
        skus, codes = terms.skus, terms.category_codes
    found = find_without_cost(skus=skus, category_codes=codes, currency=terms.currency)
    return CostGap(found.count, found.products, settings.REORDER.assumed_margin_share) if found.count else None
