"""WooCommerce: the exports of its plugins; its core report is refused with advice."""

from reorder.connectors.woocommerce.connector import WooCommerceConnector

__all__ = ["WooCommerceConnector"]
