"""What customers bought."""
