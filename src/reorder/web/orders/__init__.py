"""The desk Orders: what needs a human, orders by what happens next, one order, and new ones by hand."""
