"""Recognises the order files of WooCommerce and its export plugins."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from reorder.connectors.base import Connector, Detection, Kind, ShopDefaults, Translator, WrongExport, normal_header
from reorder.connectors.woocommerce.headers import find_item_columns, find_order_columns, item_cells
from reorder.connectors.woocommerce.items import ItemRows
from reorder.connectors.woocommerce.wide import WideRows

# Core's report: Analytics > Orders > Download. Its labels are translated with the shop, these are the English ones.
_REPORT = {"order", "n_revenue_formatted", "product_s"}


class WooCommerceConnector:
    """Customer / Order Import Export Suite (one row an order) and Customer / Order Export (one row a line item)."""

    name = "woocommerce"

    def detect(self, *, header: Sequence[str]) -> Detection | None:
        if {normal_header(name=name) for name in header} >= _REPORT:
            raise WrongExport(
                file_kind=_("WooCommerce Analytics report"),
                reason=_("it has no SKU and no e-mail address, so products and customers cannot be told apart."),
                remedy=_("Export the orders with a plugin, one row per line item, with item_sku and billing_email."),
            )
        return Detection(kind=Kind.ORDERS, score=1.0) if self.fits(header=header, kind=Kind.ORDERS) else None

    def fits(self, *, header: Sequence[str], kind: Kind) -> bool:
        of_order = {"order_id", "ordered_at"} <= set(find_order_columns(header=header))
        of_items = {"sku", "quantity"} <= set(find_item_columns(header=header))
        return kind is Kind.ORDERS and of_order and (of_items or bool(item_cells(header=header)))

    def understand(self, *, header: Sequence[str], kind: Kind) -> dict[str, str]:
        wide = {f"items_{number}": name for number, name in enumerate(item_cells(header=header), start=1)}
        return find_order_columns(header=header) | (wide or find_item_columns(header=header))

    def start(self, *, header: Sequence[str], kind: Kind, shop: ShopDefaults) -> Translator:
        columns = find_order_columns(header=header)
        wide = item_cells(header=header)
        if wide:
            return WideRows(columns=columns, item_cells=wide, shop=shop)
        return ItemRows(columns=columns | find_item_columns(header=header), shop=shop)


_checked: type[Connector] = WooCommerceConnector
