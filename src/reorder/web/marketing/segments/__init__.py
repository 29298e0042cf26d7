"""Segments on the desk Marketing: rules built by clicks, lists kept by hand and by files."""
