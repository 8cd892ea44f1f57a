"""The phones that were set up: what kind of line each is on, and how texts to it fail."""

from typing import Literal

from webhooks.sandbox.state import Document, State

LineType = Literal[
    "landline", "mobile", "fixedVoip", "nonFixedVoip", "personal", "tollFree", "premium",
    "sharedCost", "uan", "voicemail", "pager", "unknown",
]  # fmt: skip
LANDLINE_ERROR = 30006  # what a text to a landline comes to


class Phones:
    """By number in E.164. A phone that nobody set up is a mobile that takes every text."""

    def __init__(self, state: State) -> None:
        self._state = state

    def set(self, number: str, phone: Document) -> None:
        self._state.put("phones", number, {"number": number, **phone})

    def line_type(self, number: str) -> str:
        return str(self._kept(number).get("line_type") or "mobile")

    def refuse_code(self, number: str) -> int | None:
        """The error with which creating a text to it is refused, or None."""
        code: int | None = self._kept(number).get("refuse_code")
        return code

    def next_error(self, number: str) -> int | None:
        """The error with which the next text to it fails; one that was counted is counted down."""
        phone = self._kept(number)
        code: int | None = phone.get("error_code")
        if code is None:
            return LANDLINE_ERROR if self.line_type(number) == "landline" else None
        if times := phone.get("error_times"):
            left: Document = {"error_times": times - 1}
            if times == 1:
                left = {"error_times": None, "error_code": None}
            self._state.put("phones", number, phone | left)
        return code

    def _kept(self, number: str) -> Document:
        return self._state.get("phones", number) or {}
