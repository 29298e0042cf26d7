"""The desk Overview."""
