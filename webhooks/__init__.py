"""They call us: Twilio's webhooks, verified, kept, and answered whatever happens."""

import leads.log  # noqa: F401 - before structlog, which it keeps small
