"""They call us: Twilio's webhooks, verified, kept, and answered whatever happens."""
