"""Business actions that cross rooms; each owns its transaction: load, decide, save."""
