"""What the control API is told: the bodies of its requests, checked."""

from base64 import b64decode
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from webhooks.sandbox.numbers import WITHHELD, normal
from webhooks.sandbox.phones import LineType
from webhooks.sandbox.script import Script


def _number(text: str) -> str:
    number = normal(text)
    if number is None:
        raise ValueError(f"“{text}” is no phone number: write it as +14255550142")
    return number


def _caller(text: str) -> str:
    return text if text in WITHHELD else _number(text)


Number = Annotated[str, AfterValidator(_number)]
Caller = Annotated[str, AfterValidator(_caller)]
Digits = Annotated[str, Field(pattern=r"^[0-9*#]{1,50}$")]
Seconds = Annotated[float, Field(gt=0, le=3600)]
Code = Annotated[int, Field(ge=10000, le=99999)]  # of an error, at Twilio


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class NewCall(Body):
    from_: Annotated[Caller, Field(alias="from", description="E.164, or a word such as anonymous")]
    to: Number
    forwarded_from: Number | None = None
    caller_name: str | None = None
    stir: Literal[
        "TN-Validation-Passed-A",
        "TN-Validation-Passed-B",
        "TN-Validation-Passed-C",
        "TN-Validation-Failed",
        "TN-Validation-Failed-A",
        "TN-Validation-Failed-B",
        "TN-Validation-Failed-C",
        "No-TN-Validation",
    ] = "TN-Validation-Passed-A"
    speed: Annotated[float, Field(gt=0, le=1000)] = 1
    forward: Annotated[
        dict[Number, Number], Field(description="Phones that forward their calls, and where to")
    ] = {}
    script: Script | None = None


class Answering(Body):
    leg: str | int


class Keys(Body):
    digits: Digits


class Speech(Body):
    seconds: Seconds
    text: str = ""


class HangingUp(Body):
    by: Literal["caller", "callee"] = "caller"


class Outgoing(Body):
    speed: Annotated[float, Field(gt=0, le=1000)] = 1
    forward: dict[Number, Number] = {}
    busy: list[Number] = []


class Media(Body):
    url: Annotated[str, Field(description="Told as it is; empty: `data` is served")] = ""
    content_type: str = "image/jpeg"
    data: Annotated[str, Field(description="The file, in base64", max_length=20_000_000)] = ""

    @model_validator(mode="after")
    def _one_of_both(self) -> "Media":
        if bool(self.url) == bool(self.data):
            raise ValueError("give the `url` of a file, or its `data`")
        try:
            b64decode(self.data, validate=True)
        except ValueError as error:
            raise ValueError("`data` is no base64") from error
        return self


class NewText(Body):
    from_: Annotated[Number, Field(alias="from")]
    to: Number
    body: str = ""
    media: Annotated[list[Media], Field(max_length=10)] = []


class Phone(Body):
    line_type: LineType = "mobile"
    error_code: Annotated[Code | None, Field(description="Accepted, then failed with this")] = None
    error_times: Annotated[
        int | None, Field(ge=1, description="So many texts fail with `error_code`; empty: all")
    ] = None
    refuse_code: Annotated[
        Code | None, Field(description="Not accepted: the create call is answered 400 with this")
    ] = None

    @model_validator(mode="after")
    def _times_of_an_error(self) -> "Phone":
        if self.error_times is not None and self.error_code is None:
            raise ValueError("give `error_times` together with the `error_code` that it counts")
        return self
