"""What waits at a place, as cards: decisions first. Each part of the warehouse adds a function to `SOURCES`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from importlib import import_module
from typing import Final, cast

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from reorder.domain.staff.rules import Actor
from reorder.domain.warehouse.bin_stock import list_excess, list_loose
from reorder.domain.warehouse.pick_faces import list_needs
from reorder.kernel.formatting import format_units


@dataclass(frozen=True, slots=True, kw_only=True)
class WarehouseCard:
    """One thing to act on: what, how much, and where; `is_urgent` ones come first, calm ones (figure "") not at all."""

    title: str
    figure: str
    note: str
    url: str
    action: str
    is_urgent: bool = False


CardSource = Callable[[Actor, str], Sequence[WarehouseCard]]


def stock_cards(actor: Actor, place_code: str) -> Sequence[WarehouseCard]:
    """Bins beyond stock, pick faces that run low, and goods to put away."""
    here = urlencode({"place": place_code})
    excess, needs, loose = (
        list_excess(place_code=place_code),
        list_needs(place_code=place_code),
        list_loose(place_code=place_code),
    )
    cards = []
    if excess:
        cards.append(
            WarehouseCard(
                title=_("Bins hold more than the ledger"),
                figure=format_units(len(excess)),
                note=_("goods to be counted or taken out of their bins"),
                url=f"{reverse('warehouse:differences')}?{here}",
                action=_("Look at them"),
                is_urgent=True,
            )
        )
    if needs:
        empty = sum(one.there_units == 0 for one in needs)
        cards.append(
            WarehouseCard(
                title=_("To fill from bulk"),
                figure=format_units(len(needs)),
                note=_("pick faces run low, {empty} of them are empty").format(empty=format_units(empty)),
                url=f"{reverse('warehouse:replenish')}?{here}",
                action=_("Fill them"),
                is_urgent=bool(empty),
            )
        )
    if loose:
        units = sum((one.units for one in loose), Decimal(0))
        cards.append(
            WarehouseCard(
                title=_("To put away"),
                figure=format_units(len({one.product_id for one in loose})),
                note=_("products, {units} units, stand in no bin").format(units=format_units(units)),
                url=f"{reverse('warehouse:put_away')}?{here}",
                action=_("Put them away"),
            )
        )
    return cards


# "module:function" of each part; loaded when the page is first shown.
SOURCES: Final[tuple[str, ...]] = (
    "reorder.web.warehouse.waves:wave_cards",
    "reorder.web.packing.cards:packing_cards",
    "reorder.web.shipping.cards:shipping_cards",
    "reorder.web.warehouse.cards:stock_cards",
)


def list_cards(*, actor: Actor, place_code: str) -> list[WarehouseCard]:
    """The cards of all parts, urgent ones first."""
    found = [card for source in SOURCES for card in _load(source)(actor, place_code) if card.figure]
    return sorted(found, key=lambda card: not card.is_urgent)


def _load(source: str) -> CardSource:
    module, _colon, name = source.partition(":")
    return cast("CardSource", getattr(import_module(module), name))
