"""Text messages, by Twilio or a service that speaks as it does."""
