"""The desk Runs: what the nights did, how long it took, where one stopped, and whether all is well."""
