"""Work on the floor of a warehouse, a scan at a time: each kind of work answers what was scanned."""
