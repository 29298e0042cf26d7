"""The `reorder` command: translate in, call one thing, print what it answered."""
