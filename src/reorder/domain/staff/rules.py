"""Who may do what: roles and token scopes both come down to abilities, and nothing else is ever asked.

Pure; a person and an API token are both an `Actor`, so that every check is written once.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from reorder.domain.staff.errors import NotAllowed


class Role(StrEnum):
    """What a person of the staff is there for."""

    OWNER = "owner"
    MARKETER = "marketer"
    BUYER = "buyer"
    WAREHOUSE = "warehouse"
    SUPPORT = "support"
    VIEWER = "viewer"


class Ability(StrEnum):
    """One thing that somebody may do."""

    VIEW_CUSTOMERS = "view_customers"
    EDIT_CUSTOMERS = "edit_customers"
    MERGE_CUSTOMERS = "merge_customers"
    WRITE_EVENTS = "write_events"
    VIEW_PRODUCTS = "view_products"
    EDIT_PRODUCTS = "edit_products"
    VIEW_STOCK = "view_stock"
    EDIT_STOCK = "edit_stock"
    VIEW_DEMAND = "view_demand"
    ADJUST_DEMAND = "adjust_demand"
    VIEW_BUYING = "view_buying"
    DECIDE_PROPOSALS = "decide_proposals"
    RECEIVE_GOODS = "receive_goods"
    VIEW_ORDERS = "view_orders"
    WRITE_ORDERS = "write_orders"
    MANAGE_ORDERS = "manage_orders"
    FULFIL_ORDERS = "fulfil_orders"
    DECIDE_PAYMENTS = "decide_payments"
    VIEW_MARKETING_MESSAGES = "view_marketing_messages"
    DECIDE_MARKETING_MESSAGES = "decide_marketing_messages"
    VIEW_MARKETING = "view_marketing"
    EDIT_MARKETING = "edit_marketing"
    MANAGE_CHANNELS = "manage_channels"
    ERASE_CUSTOMERS = "erase_customers"
    VIEW_SUPPLIER_MESSAGES = "view_supplier_messages"
    DECIDE_SUPPLIER_MESSAGES = "decide_supplier_messages"
    VIEW_RUNS = "view_runs"
    START_RUNS = "start_runs"
    IMPORT_FILES = "import_files"
    MANAGE_SUPPLIERS = "manage_suppliers"
    MANAGE_PLACES = "manage_places"
    MANAGE_PRICES = "manage_prices"
    MANAGE_USERS = "manage_users"
    MANAGE_TOKENS = "manage_tokens"
    VIEW_SETTINGS = "view_settings"
    VIEW_AUDIT = "view_audit"
    READ_METRICS = "read_metrics"
    VIEW_WEBHOOKS = "view_webhooks"
    MANAGE_WEBHOOKS = "manage_webhooks"


# Roles and abilities as people read them.
WORD_TEMPLATES: Final = (
    "adjust demand",
    "buyer",
    "decide marketing messages",
    "decide payments",
    "decide proposals",
    "decide supplier messages",
    "edit customers",
    "edit marketing",
    "edit products",
    "edit stock",
    "erase customers",
    "fulfil orders",
    "import files",
    "manage channels",
    "manage orders",
    "manage places",
    "manage prices",
    "manage suppliers",
    "manage tokens",
    "manage users",
    "manage webhooks",
    "marketer",
    "merge customers",
    "owner",
    "read metrics",
    "receive goods",
    "sign in",
    "start runs",
    "support",
    "view audit",
    "view buying",
    "view customers",
    "view demand",
    "view marketing",
    "view marketing messages",
    "view orders",
    "view products",
    "view runs",
    "view settings",
    "view stock",
    "view supplier messages",
    "view webhooks",
    "viewer",
    "warehouse",
    "write events",
    "write orders",
)

_EVERYBODY: Final = frozenset({Ability.VIEW_PRODUCTS, Ability.VIEW_STOCK, Ability.VIEW_RUNS})

ROLE_ABILITIES: Final[Mapping[Role, frozenset[Ability]]] = {
    Role.OWNER: frozenset(Ability),
    Role.MARKETER: _EVERYBODY
    | {
        Ability.VIEW_CUSTOMERS,
        Ability.EDIT_CUSTOMERS,
        Ability.VIEW_ORDERS,
        Ability.VIEW_DEMAND,
        Ability.ADJUST_DEMAND,
        Ability.VIEW_MARKETING_MESSAGES,
        Ability.DECIDE_MARKETING_MESSAGES,
        Ability.VIEW_MARKETING,
        Ability.EDIT_MARKETING,
        Ability.MANAGE_PRICES,
        Ability.START_RUNS,
        Ability.IMPORT_FILES,
    },
    Role.BUYER: _EVERYBODY
    | {
        Ability.EDIT_PRODUCTS,
        Ability.VIEW_DEMAND,
        Ability.ADJUST_DEMAND,
        Ability.VIEW_BUYING,
        Ability.DECIDE_PROPOSALS,
        Ability.RECEIVE_GOODS,
        Ability.VIEW_SUPPLIER_MESSAGES,
        Ability.DECIDE_SUPPLIER_MESSAGES,
        Ability.START_RUNS,
        Ability.IMPORT_FILES,
        Ability.MANAGE_SUPPLIERS,
    },
    Role.WAREHOUSE: _EVERYBODY
    | {Ability.VIEW_BUYING, Ability.RECEIVE_GOODS, Ability.VIEW_ORDERS, Ability.FULFIL_ORDERS},
    Role.SUPPORT: _EVERYBODY
    | {
        Ability.VIEW_CUSTOMERS,
        Ability.EDIT_CUSTOMERS,
        Ability.MERGE_CUSTOMERS,
        Ability.VIEW_ORDERS,
        Ability.MANAGE_ORDERS,
        Ability.VIEW_MARKETING_MESSAGES,
        Ability.VIEW_MARKETING,
    },
    Role.VIEWER: _EVERYBODY
    | {
        Ability.VIEW_CUSTOMERS,
        Ability.VIEW_ORDERS,
        Ability.VIEW_DEMAND,
        Ability.VIEW_BUYING,
        Ability.VIEW_MARKETING_MESSAGES,
        Ability.VIEW_MARKETING,
        Ability.VIEW_SUPPLIER_MESSAGES,
    },
}

# What a token may do, by the scope it was given; the names are public (documentation, OpenAPI).
SCOPE_ABILITIES: Final[Mapping[str, frozenset[Ability]]] = {
    "orders:read": frozenset({Ability.VIEW_ORDERS}),
    "orders:write": frozenset({Ability.VIEW_ORDERS, Ability.WRITE_ORDERS, Ability.MANAGE_ORDERS}),
    "fulfilment:write": frozenset({Ability.VIEW_ORDERS, Ability.FULFIL_ORDERS}),
    "payments:write": frozenset({Ability.VIEW_ORDERS, Ability.DECIDE_PAYMENTS}),
    "products:read": frozenset({Ability.VIEW_PRODUCTS}),
    "products:write": frozenset({Ability.VIEW_PRODUCTS, Ability.EDIT_PRODUCTS}),
    "stock:read": frozenset({Ability.VIEW_STOCK}),
    "stock:write": frozenset({Ability.VIEW_STOCK, Ability.EDIT_STOCK}),
    "customers:read": frozenset({Ability.VIEW_CUSTOMERS}),
    "customers:write": frozenset({Ability.VIEW_CUSTOMERS, Ability.EDIT_CUSTOMERS, Ability.MERGE_CUSTOMERS}),
    "events:write": frozenset({Ability.WRITE_EVENTS}),
    "demand:read": frozenset({Ability.VIEW_DEMAND}),
    "demand:write": frozenset({Ability.VIEW_DEMAND, Ability.ADJUST_DEMAND}),
    "reminders:read": frozenset({Ability.VIEW_MARKETING_MESSAGES}),
    "reminders:write": frozenset({Ability.VIEW_MARKETING_MESSAGES, Ability.DECIDE_MARKETING_MESSAGES}),
    "marketing:read": frozenset({Ability.VIEW_MARKETING, Ability.VIEW_MARKETING_MESSAGES}),
    "marketing:write": frozenset({Ability.VIEW_MARKETING, Ability.EDIT_MARKETING}),
    "privacy:write": frozenset({Ability.VIEW_CUSTOMERS, Ability.ERASE_CUSTOMERS}),
    "proposals:read": frozenset({Ability.VIEW_BUYING}),
    "proposals:write": frozenset({Ability.VIEW_BUYING, Ability.DECIDE_PROPOSALS, Ability.RECEIVE_GOODS}),
    "runs:read": frozenset({Ability.VIEW_RUNS}),
    "runs:write": frozenset({Ability.VIEW_RUNS, Ability.START_RUNS}),
    "imports:write": frozenset({Ability.VIEW_RUNS, Ability.IMPORT_FILES}),
    "metrics:read": frozenset({Ability.READ_METRICS}),
    "webhooks:read": frozenset({Ability.VIEW_WEBHOOKS}),
    "webhooks:write": frozenset({Ability.VIEW_WEBHOOKS, Ability.MANAGE_WEBHOOKS}),
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who acts: a signed-in person or a token, with everything that checks need to know.

    `place_codes` limits stock, proposals and purchase orders to these places; empty means all of them.
    """

    name: str
    abilities: frozenset[Ability]
    role: Role | None = None
    place_codes: frozenset[str] = frozenset()
    user_id: int | None = None
    token_id: int | None = None

    def may(self, ability: Ability) -> bool:
        """Whether this actor has the ability."""
        return ability in self.abilities

    def may_at(self, place_code: str) -> bool:
        """Whether this actor's places include this one."""
        return not self.place_codes or place_code in self.place_codes

    def require(self, ability: Ability) -> None:
        """Raises NotAllowed unless the actor has the ability."""
        if ability not in self.abilities:
            raise NotAllowed(actor=self.name, ability=ability.value.replace("_", " "))


def abilities_within(*, abilities: frozenset[Ability], place_codes: Collection[str]) -> frozenset[Ability]:
    """What is left to somebody who is limited to places: a file brings stock and orders of any place, even new ones."""
    return abilities - {Ability.IMPORT_FILES} if place_codes else abilities


def abilities_of_scopes(*, scopes: frozenset[str]) -> frozenset[Ability]:
    """Everything that a token of these scopes may do; unknown scopes give nothing."""
    return frozenset().union(*(SCOPE_ABILITIES.get(scope, frozenset()) for scope in scopes))
