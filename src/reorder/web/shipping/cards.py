"""What of shipping waits at a place, as cards of the warehouse's overview."""

from collections.abc import Sequence
from dataclasses import replace

from django.urls import reverse
from django.utils.translation import gettext as _

from reorder.domain.staff.rules import Ability, Actor
from reorder.flows.shop_day import shop_date
from reorder.insights.manifests import list_waiting
from reorder.insights.shipping_desk import count_trouble
from reorder.kernel import clock
from reorder.kernel.formatting import format_units
from reorder.web.warehouse.cards import WarehouseCard

_MOST = 200


def shipping_cards(actor: Actor, place_code: str) -> Sequence[WarehouseCard]:
    """Parcels in trouble, and parcels that are ready and were not scanned."""
    if not actor.may(Ability.VIEW_ORDERS):
        return ()
    moment = clock.current_moment()
    here = replace(actor, place_codes=frozenset({place_code}))
    troubled = sum(count_trouble(actor=here, today=shop_date(moment=moment), moment=moment).values())
    waiting = list_waiting(place_code=place_code, limit=_MOST)
    overdue = sum(one.ship_by_at is not None and one.ship_by_at < moment for one in waiting)
    return (
        WarehouseCard(
            title=_("Parcels in trouble"),
            figure=format_units(troubled) if troubled else "",
            note=_("late, not delivered, coming back or not collected"),
            url=reverse("shipping:trouble"),
            action=_("See what to do next"),
            is_urgent=True,
        ),
        WarehouseCard(
            title=_("Ready and not scanned"),
            figure=(format_units(len(waiting)) + ("+" if len(waiting) >= _MOST else "")) if waiting else "",
            note=_("parcels stand packed and labelled, {count} of them past their cut-off").format(
                count=format_units(overdue)
            ),
            url=reverse("shipping:index"),
            action=_("Scan them out"),
            is_urgent=overdue > 0,
        ),
    )
