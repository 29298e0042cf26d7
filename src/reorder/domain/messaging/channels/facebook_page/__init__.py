"""Posts on a Facebook page."""
