"""Offers: what messages may give away, and the codes that are out."""
