"""What happens to a lead. Talks only to the database; its nouns are listed in nouns.py.

They are loaded when one is first asked for: the supervisor and beat need the settings alone.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from leads.nouns import *  # noqa: F403 - nouns.__all__ is the one list of names


def __getattr__(name: str) -> Any:
    if name[0].isupper():  # modules of this folder are asked for here, too
        return getattr(import_module("leads.nouns"), name)
    raise AttributeError(f"module 'leads' has no attribute {name!r}")
