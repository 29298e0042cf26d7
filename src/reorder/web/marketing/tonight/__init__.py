"""Who gets what tonight."""
