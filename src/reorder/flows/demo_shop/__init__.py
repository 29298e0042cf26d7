"""The demonstration shop: a real grocery history, with warehouses, suppliers and stock made up from a fixed seed."""

from reorder.flows.demo_shop.loading import DemoReport, load_demo_shop
from reorder.flows.demo_shop.making import TERMS

__all__ = ["TERMS", "DemoReport", "load_demo_shop"]
