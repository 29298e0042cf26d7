"""Contact points, the consent ledger, channels and the outbox."""
