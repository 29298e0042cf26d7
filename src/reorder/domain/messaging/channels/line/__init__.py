"""Messages by LINE's Messaging API."""
