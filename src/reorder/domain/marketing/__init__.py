"""Whom to write to and why: segments, journeys, campaigns, content and offers, and the proof of what they earn."""
