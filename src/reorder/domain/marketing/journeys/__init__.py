"""Journeys: what one is, whether it can run, and what comes next for a customer who is in it."""
