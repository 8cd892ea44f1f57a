"""What goes wrong on demand, switched over the HTTP API and kept over restarts.

A fault happens `count` times, or each time with a `probability`, or always. `path` and `method`
narrow it to requests whose path contains that text.
"""

import secrets
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from webhooks.sandbox.state import State

RestFault = Literal[
    "drop_before_accepting",  # the connection closes without an answer; nothing was done
    "drop_after_accepting",  # it was done, and the connection closes without an answer
    "hang",  # no answer for `seconds`; with `accepted`, it is done first
    "rate_limit",  # 429, nothing was done
    "unauthorized",  # 401 and 20003, nothing was done
    "suspended",  # 403 and 30002, nothing was done: the account is suspended
    "error_before_accepting",  # 500, nothing was done
    "error_after_accepting",  # 500, and it was done
]
WebhookFault = Literal[
    "duplicate",  # `copies` of one webhook at once
    "delay",  # `seconds` before a webhook goes out
    "reorder",  # a status callback waits until the next one has gone
    "status_lost",  # a status callback is never sent
    "action_not_fired_on_hangup",  # the caller hung up: <Dial action> and <Record action> stay away
]
Name = RestFault | WebhookFault
_dice = secrets.SystemRandom()


class Fault(BaseModel):
    model_config = ConfigDict(extra="forbid")

    probability: Annotated[float, Field(gt=0, le=1)] | None = None
    count: Annotated[int, Field(ge=1)] | None = None
    path: str = ""
    method: str = ""
    seconds: Annotated[float, Field(ge=0, le=600)] = 1
    copies: Annotated[int, Field(ge=2, le=100)] = 2
    accepted: bool = False

    @model_validator(mode="after")
    def _one_measure(self) -> "Fault":
        if self.probability is not None and self.count is not None:
            raise ValueError("give `probability` or `count`, not both")
        return self


class Faults:
    def __init__(self, state: State) -> None:
        self._state = state
        self.active: dict[str, Fault] = {
            kept["name"]: Fault.model_validate(kept["fault"]) for kept in state.all("faults")
        }

    def set(self, faults: dict[Name, Fault]) -> None:
        """Adds to what is set; a name given again is replaced."""
        for name, fault in faults.items():
            self.active[name] = fault
            self._keep(name, fault)
        self._state.log("faults", faults={n: f.model_dump() for n, f in self.active.items()})

    def clear(self) -> None:
        for name in list(self.active):
            self._forget(name)
        self._state.log("faults", faults={})

    def take(self, name: Name, path: str = "", method: str = "") -> Fault | None:
        """The fault, if it happens now; one that was counted is counted down."""
        fault = self.active.get(name)
        if fault is None or fault.path not in path or fault.method.upper() not in {"", method}:
            return None
        if fault.probability is not None and _dice.random() >= fault.probability:
            return None
        if fault.count is not None:
            left = fault.count - 1
            if left:
                self.active[name] = fault.model_copy(update={"count": left})
                self._keep(name, self.active[name])
            else:
                self._forget(name)
        return fault

    def _keep(self, name: str, fault: Fault) -> None:
        self._state.put("faults", name, {"name": name, "fault": fault.model_dump()})

    def _forget(self, name: str) -> None:
        del self.active[name]
        self._state.remove("faults", name)
