"""Reorder: repeat marketing and warehouse replenishment on one demand plan."""
