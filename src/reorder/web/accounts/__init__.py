"""Signing in and out: allauth under our look, and one-time links."""
