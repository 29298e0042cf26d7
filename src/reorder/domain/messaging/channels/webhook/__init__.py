"""Messages as signed webhooks, for services of your own."""
