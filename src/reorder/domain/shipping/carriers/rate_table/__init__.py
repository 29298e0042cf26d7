"""The carrier that every shop has: prices of its own table, numbers of its own series, labels of its own."""
