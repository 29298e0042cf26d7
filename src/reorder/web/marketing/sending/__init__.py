"""How messages fare after they left, what that costs, and posts on pages."""
