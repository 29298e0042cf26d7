"""The desk Import."""
