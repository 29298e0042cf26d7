"""The desk of people's rights: what they asked for, what we know of them, and having it gone."""
