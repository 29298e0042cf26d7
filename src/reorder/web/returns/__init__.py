"""The desk of goods that come back: what is to be decided first, one return with its next action, rules, suppliers."""
