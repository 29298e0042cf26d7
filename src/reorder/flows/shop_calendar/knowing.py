"""Which of the named products, categories and places exist."""

from collections.abc import Iterable

from reorder.domain.catalog import queries as catalog
from reorder.domain.inventory import queries as inventory
from reorder.domain.planning.rules import ALL_PLACES
from reorder.domain.planning.signal_rules import Known, NewEntry, NewSignal


def known_among(*, told: Iterable[NewSignal | NewEntry]) -> Known:
    """What exists of everything that `told` names."""
    rows = list(told)
    skus = sorted({row.key for row in rows if row.scope == "product"})
    has_categories = any(row.scope == "category" for row in rows)
    has_places = any(row.place_code != ALL_PLACES for row in rows)
    return Known(
        skus=catalog.list_known_skus(skus=skus) if skus else frozenset(),
        category_codes={code for code, _name in catalog.list_categories()} if has_categories else frozenset(),
        place_codes={place.code for place in inventory.list_places()} if has_places else frozenset(),
    )
