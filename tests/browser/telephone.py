"""The telephone of the made-up clinic, for tests too."""

from leads.demo.telephone import CLINIC, Telephone

__all__ = ["CLINIC", "Telephone"]
