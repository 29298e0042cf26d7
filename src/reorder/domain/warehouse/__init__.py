"""What a place does about an order: fulfilment orders, their lines, and why this place was chosen."""
