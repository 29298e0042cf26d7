"""The desk Messages: what goes to whom, why and when, and the decisions of people about it."""
