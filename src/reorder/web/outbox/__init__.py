"""The desk Messages."""
