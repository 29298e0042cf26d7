"""The team: who has which task, and the day's progress on one board."""
