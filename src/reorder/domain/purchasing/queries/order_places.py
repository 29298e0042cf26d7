"""Where purchase orders belong, for checks of who may see what is about them."""

from collections.abc import Sequence

from reorder.domain.purchasing.models import PurchaseOrder


def find_order_places(*, numbers: Sequence[str]) -> dict[str, str]:
    """The code of the place of each of these purchase orders; unknown numbers are left out."""
    found = PurchaseOrder.objects.filter(number__in=list(numbers))
    return dict(found.values_list("number", "place__code"))
