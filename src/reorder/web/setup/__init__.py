"""The desk Setup."""
