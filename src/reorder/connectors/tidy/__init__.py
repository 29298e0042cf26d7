"""Tidy files: one row a line, a product or a stock count, columns found by their names in English or Chinese."""

from reorder.connectors.tidy.connector import TidyConnector
from reorder.connectors.tidy.headers import REQUIRED, WORDS

__all__ = ["REQUIRED", "WORDS", "TidyConnector"]
