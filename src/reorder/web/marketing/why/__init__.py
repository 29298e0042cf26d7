"""Why did, or didn't, somebody get a message."""
