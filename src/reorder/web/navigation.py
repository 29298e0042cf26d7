"""The rail: which desks there are, and who sees them."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from reorder.domain.staff.rules import Ability, Actor
from reorder.insights.alerts import Around


@dataclass(frozen=True, slots=True)
class Desk:
    """One entry of the rail; anybody with one of `abilities` sees it, everybody when there are none."""

    name: Promise
    icon: str
    url_name: str
    prefix: str
    abilities: tuple[Ability, ...] = ()
    other_prefixes: tuple[str, ...] = ()

    def holds(self, path: str) -> bool:
        """Whether a page is of this desk."""
        return path == "/" if self.prefix == "/" else path.startswith((self.prefix, *self.other_prefixes))


@dataclass(frozen=True, slots=True)
class RailEntry:
    name: Promise
    icon: str
    url: str
    is_current: bool
    count: int = 0
    is_urgent: bool = False


DESKS = (
    Desk(_("Overview"), "layout-dashboard", "overview:index", "/"),
    Desk(_("Alerts"), "triangle-alert", "alerts:index", "/alerts/", (Ability.VIEW_BUYING, Ability.VIEW_DEMAND)),
    Desk(_("Customers"), "users", "customers:index", "/customers/", (Ability.VIEW_CUSTOMERS,)),
    Desk(_("Products"), "package", "products:index", "/products/", (Ability.VIEW_PRODUCTS,)),
    Desk(_("Demand"), "chart-line", "demand:index", "/demand/", (Ability.VIEW_DEMAND,)),
    Desk(_("Orders"), "clipboard-list", "orders:index", "/orders/", (Ability.VIEW_ORDERS,), ("/returns/",)),
    Desk(_("Warehouse"), "warehouse", "warehouse:index", "/warehouse/", (Ability.VIEW_STOCK,)),
    Desk(
        _("Floor"),
        "scan-barcode",
        "floor:home",
        "/floor/",
        (Ability.FULFIL_ORDERS, Ability.RECEIVE_GOODS, Ability.EDIT_STOCK),
    ),
    Desk(_("Calendar"), "calendar-days", "calendar:index", "/calendar/", (Ability.VIEW_DEMAND,)),
    Desk(_("Buying"), "shopping-cart", "buying:index", "/buying/", (Ability.VIEW_BUYING,)),
    Desk(_("Marketing"), "megaphone", "marketing:index", "/marketing/", (Ability.VIEW_MARKETING,)),
    Desk(
        _("Messages"),
        "mail",
        "outbox:index",
        "/messages/",
        (Ability.VIEW_MARKETING_MESSAGES, Ability.VIEW_SUPPLIER_MESSAGES),
    ),
    Desk(
        _("Insights"),
        "target",
        "quality:index",
        "/insights/",
        (Ability.VIEW_CUSTOMERS, Ability.VIEW_DEMAND),
    ),
    Desk(_("Runs"), "activity", "runs:index", "/runs/", (Ability.VIEW_RUNS,)),
    Desk(_("Import"), "upload", "imports:index", "/imports/", (Ability.IMPORT_FILES,)),
    Desk(
        _("Setup"),
        "settings",
        "setup:index",
        "/setup/",
        (
            Ability.MANAGE_USERS,
            Ability.MANAGE_PLACES,
            Ability.MANAGE_PRICES,
            Ability.MANAGE_SUPPLIERS,
            Ability.MANAGE_TOKENS,
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class DeskCount:
    """What waits at a desk, and whether it is to be acted on now."""

    count: int
    is_urgent: bool = False


def desk_counts(around: Around) -> dict[str, DeskCount]:
    """What waits for somebody, by desk: alerts (the critical ones where there are any) and orders that need a human."""
    inbox = around.inbox
    return {
        "alerts:index": DeskCount(inbox.critical_count or inbox.open_count, bool(inbox.critical_count)),
        "orders:index": DeskCount(around.needing_orders_count),
    }


def rail_for(*, actor: Actor, path: str, counts: Mapping[str, DeskCount]) -> list[RailEntry]:
    """The desks this actor may open, with the one that `path` belongs to marked.

    `counts` is what waits, by desk.
    """
    return [
        RailEntry(
            name=desk.name,
            icon=desk.icon,
            url=reverse(desk.url_name),
            is_current=desk.holds(path),
            count=counts[desk.url_name].count if desk.url_name in counts else 0,
            is_urgent=counts[desk.url_name].is_urgent if desk.url_name in counts else False,
        )
        for desk in DESKS
        if not desk.abilities or any(actor.may(ability) for ability in desk.abilities)
    ]
