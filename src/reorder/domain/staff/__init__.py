"""People who work with Reorder."""
