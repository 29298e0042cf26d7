"""Places and the append-only stock ledger; knows demand only by a key."""
