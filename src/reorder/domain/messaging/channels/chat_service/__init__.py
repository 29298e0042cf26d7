"""Chat services through apprise."""
