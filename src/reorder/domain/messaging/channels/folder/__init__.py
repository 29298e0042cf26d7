"""Mail as files in a folder."""
