"""The desk of counts: what is due, what waits for a person, what came of it, and how true the records are."""
