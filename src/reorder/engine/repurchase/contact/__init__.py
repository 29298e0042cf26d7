"""The moment to write to a customer: highest expected extra margin, by learned uplift and the customer's hours."""
