"""Posts in rooms and on pages through apprise."""
