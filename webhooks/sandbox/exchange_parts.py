"""The parts of the exchange that a walker needs, without the exchange itself."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from webhooks.sandbox.faults import Faults
from webhooks.sandbox.numbers import OwnedNumbers
from webhooks.sandbox.settings import Settings
from webhooks.sandbox.state import State
from webhooks.sandbox.webhook import Sender

if TYPE_CHECKING:
    from collections.abc import Callable

    from webhooks.sandbox.line import Line


@dataclass
class Parts:
    settings: Settings
    state: State
    faults: Faults
    sender: Sender
    numbers: OwnedNumbers
    lines: "dict[str, Line]"  # calls and legs in progress, by SID
    carry_on: "Callable[[Line, str], Line]"  # a phone forwards its call to one of our numbers

    @property
    def account_sid(self) -> str:
        return self.settings.account_sid
