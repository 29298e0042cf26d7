"""The demonstration shop: a real grocery history, with warehouses, suppliers and stock made up from a fixed seed."""

from reorder.flows.demo_shop.loading import KIND, DemoReport, is_demo_ready, load_demo_shop
from reorder.insights.demonstration import CHANNEL, TERMS

__all__ = ["CHANNEL", "KIND", "TERMS", "DemoReport", "is_demo_ready", "load_demo_shop"]
