"""What the columns of a file, and the facts read from them, are called on screen."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Words that filters show as they come from the database; listed for the catalogue.
WORD_TEMPLATES: Final = (
    "to be started",
    "received",
    "queued",
    "removed",
    "imported",
    "known",
    "checked",
    "staged",
    "staging",
    "csv",
    "xlsx",
    "parquet",
    "tidy",
    "started",
    "read another way",
)

KINDS: Final[Mapping[str, Promise]] = {
    "orders": _("Orders, one row a line"),
    "products": _("Products and suppliers' offers"),
    "stock": _("Stock counts"),
    "events": _("Events: views, carts, searches"),
    "signals": _("Signals: prices, promotions, events, weather"),
}
MEANINGS: Final[Mapping[str, Promise]] = {
    "accepts_marketing": _("agrees to marketing"),
    "barcode": _("barcode"),
    "brand": _("brand"),
    "cancelled_at": _("cancelled on"),
    "category": _("category"),
    "cost": _("cost of a unit"),
    "country": _("country"),
    "country_2": _("country, where the first is empty"),
    "currency": _("currency"),
    "date": _("day"),
    "customer_id": _("customer's number"),
    "customer_name": _("customer's name"),
    "customer_name_2": _("customer's name, where the first is empty"),
    "email": _("e-mail address"),
    "expires": _("best before"),
    "first_name": _("first name"),
    "happened_at": _("happened on"),
    "hazard_class": _("hazard class"),
    "upright": _("this side up"),
    "fragile": _("fragile: nothing on top"),
    "keep_apart": _("kept apart (group)"),
    "height_mm": _("height (mm)"),
    "kind": _("what happened"),
    "known_at": _("known since"),
    "language": _("language"),
    "like_sku": _("SKU of a product that sells alike"),
    "last_name": _("family name"),
    "lead_days": _("lead time (days)"),
    "length_mm": _("length (mm)"),
    "line_id": _("number of the line"),
    "lot": _("lot"),
    "message_id": _("number of the event"),
    "minimum": _("MOQ"),
    "name": _("product's name"),
    "on_hand": _("units on hand"),
    "order_id": _("order number"),
    "order_unit": _("unit to buy by"),
    "order_weekdays": _("days to order"),
    "units_per_case": _("selling units in one of them"),
    "case_cost": _("cost of one of them"),
    "ordered_at": _("ordered on"),
    "oversize": _("oversize"),
    "pack": _("units in a pack"),
    "phone": _("phone, where there is no e-mail address"),
    "place": _("place"),
    "planned_by": _("planned by"),
    "postcode": _("postcode"),
    "postcode_2": _("postcode, where the first is empty"),
    "price": _("price"),
    "product_name": _("product's name"),
    "quantity": _("quantity"),
    "search_text": _("what was searched for"),
    "shelf_life_days": _("shelf life (days)"),
    "signal": _("kind of signal"),
    "signal_name": _("name of the event, measure or competitor"),
    "sku": _("SKU"),
    "source": _("source"),
    "status": _("status"),
    "supplier": _("supplier"),
    "supplier_email": _("supplier's e-mail address"),
    "supplier_name": _("supplier's name"),
    "supplier_sku": _("supplier's SKU"),
    "temperature_class": _("temperature class"),
    "total": _("total of the line"),
    "value": _("value"),
    "unit_price": _("price of a unit"),
    "weight_grams": _("weight (g)"),
    "width_mm": _("width (mm)"),
}
# Facts of staging, where they are called otherwise.
FACTS: Final[Mapping[str, Promise]] = {
    "customer_key": _("customer"),
    "expires_date": _("best before"),
    "is_cancelled": _("cancelled"),
    "is_oversize": _("oversize"),
    "is_upright": _("this side up"),
    "is_fragile": _("fragile: nothing on top"),
    "line_key": _("number of the line"),
    "minimum_milli": _("MOQ"),
    "number": _("value"),
    "text": _("value as text"),
    "on_hand_milli": _("units on hand"),
    "order_key": _("order number"),
    "order_unit_cost_minor": _("cost of one of them"),
    "order_unit_milli": _("selling units in one of them"),
    "pack_milli": _("units in a pack"),
    "price_minor": _("price"),
    "state": _("status"),
    "unit_cost_minor": _("cost of a unit"),
    "unit_price_minor": _("price of a unit"),
    "units_milli": _("quantity"),
}
COUNTS: Final[Mapping[str, Promise]] = {
    "consents_added": _("agreements to marketing recorded"),
    "contact_points_added": _("e-mail addresses added"),
    "customers_added": _("customers added"),
    "customers_with_events": _("customers with new events"),
    "events_added": _("events added"),
    "signals_added": _("signals added"),
    "lines": _("order lines"),
    "moves": _("stock moves"),
    "offers": _("products with a supplier's offer"),
    "orders_added": _("orders added"),
    "orders_unchanged": _("orders unchanged"),
    "orders_updated": _("orders updated"),
    "products_added": _("products added"),
    "products_updated": _("products updated"),
    "suppliers_added": _("suppliers added"),
}
SEPARATORS: Final[Mapping[str, Promise]] = {
    ",": _("comma"),
    ";": _("semicolon"),
    "\t": _("tab"),
    "|": _("vertical bar"),
}
CONNECTORS: Final[Mapping[str, str]] = {"shopify": "Shopify", "woocommerce": "WooCommerce"}


def meaning_label(meaning: str) -> str:
    """What a column means, in the reader's language."""
    if meaning.startswith("items_"):
        return str(_("line {number} of the order")).format(number=meaning.removeprefix("items_"))
    return str(MEANINGS.get(meaning, meaning))


def fact_label(fact: str) -> str:
    """What a fact read from a row is called."""
    return str(FACTS.get(fact) or MEANINGS.get(fact) or fact)
