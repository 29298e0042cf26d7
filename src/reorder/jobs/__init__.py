"""Background work: thin tasks over flows, and one table of everything periodic."""
