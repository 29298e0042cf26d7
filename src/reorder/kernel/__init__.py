"""Values that every layer shares; imports nothing of ours and no framework."""
