"""The loop as people see it: a reminder, a mail, an order, a report."""
