"""Tasks: three lines each."""
