"""The desk Runs."""
