"""The desk Buying."""
