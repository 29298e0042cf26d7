"""The shipping desk: what leaves today, manifests, what is under way, and what is in trouble."""
