"""The staff's face of the leads: sign-in, pages, live stream and JSON API."""
