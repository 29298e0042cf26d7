"""What waits to be packed at a place, as a card of the warehouse's overview."""

from collections.abc import Sequence

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from reorder.domain.staff.rules import Actor
from reorder.insights.packing import count_waiting
from reorder.kernel.formatting import format_units
from reorder.web.warehouse.cards import WarehouseCard


def packing_cards(actor: Actor, place_code: str) -> Sequence[WarehouseCard]:
    """Shipments that are picked and not packed."""
    count = count_waiting(place_code=place_code)
    if not count:
        return []
    return [
        WarehouseCard(
            title=_("To pack"),
            figure=format_units(count),
            note=_("picked shipments wait for their boxes"),
            url=f"{reverse('packing:index')}?{urlencode({'place': place_code})}",
            action=_("Pack them"),
        )
    ]
