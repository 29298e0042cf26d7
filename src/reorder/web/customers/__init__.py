"""The desk Customers."""
