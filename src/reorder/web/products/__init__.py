"""The desk Products."""
