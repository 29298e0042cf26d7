"""Where facts come from: imported files and their log."""
