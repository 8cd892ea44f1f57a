"""A Twilio on this machine: telephone, texts, webhooks and REST, for trying and for testing.

It is a separate program that happens to lie in this repository. It imports nothing of ours, so
that a mistake in our reading of Twilio cannot hide by being made on both sides.
"""
