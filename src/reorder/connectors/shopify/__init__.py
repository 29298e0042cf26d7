"""Shopify's order export."""

from reorder.connectors.shopify.connector import ShopifyConnector

__all__ = ["ShopifyConnector"]
