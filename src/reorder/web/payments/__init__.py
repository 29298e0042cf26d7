"""The page Payments: what came in is confirmed, what is owed back is sent."""
