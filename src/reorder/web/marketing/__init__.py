"""The desk Marketing: segments, journeys, campaigns, content, offers, results, sending."""
