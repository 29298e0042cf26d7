"""The inbox of alerts: what calls for somebody is put off, or opened where it is mended."""
