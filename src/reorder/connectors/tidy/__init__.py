"""Tidy files: one row a line, a product or a stock count, columns found by their names in English or Chinese."""

from reorder.connectors.tidy.connector import TidyConnector

__all__ = ["TidyConnector"]
